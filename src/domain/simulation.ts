/** The name of the merchant that `hakika simulate` plays on: reviews and alerts leave it out. */
export const simulationMerchant = "Simulation";
