/** The detail of a refusal to send to a disabled endpoint. */
export const endpointDisabled = "The endpoint is disabled. Enable it first.";
