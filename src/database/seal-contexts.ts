/**
 * Where each sealed value lives: the second argument of the secret box, the same for sealing and opening. A value
 * copied to another row or column does not open. Ids are UUIDs as the database has them.
 */
export const sealContext = {
  credentials: (connectionId: string) => `connections.credentials:${connectionId}`,
  /** JSON `{signature?: secret, basic?: password, header?: value}`. */
  verificationSecrets: (connectionId: string) => `connections.verification_secrets:${connectionId}`,
  forwardSecret: (connectionId: string) => `connections.forward_secret:${connectionId}`,
  callbackToken: (connectionId: string) => `connection_tokens.token:${connectionId}`,
  accessToken: (connectionId: string) => `access_tokens.token:${connectionId}`,
  namedAccessToken: (connectionId: string, name: string) => `named_access_tokens.token:${connectionId}:${name}`,
  /** JSON object of header name (lower case) to value. */
  endpointHeaders: (endpointId: string) => `endpoints.headers:${endpointId}`,
  /** Bound to the secret's own row. */
  endpointSecret: (secretId: string) => `endpoint_secrets.secret:${secretId}`,
  approvalRequest: (approvalId: string) => `approvals.request:${approvalId}`,
  /** A part of an uploaded file, while it is imported. */
  statementPart: (statementId: string, part: string) => `statement_parts.sealed:${statementId}:${part}`,
  /** JSON `{url?, bot_token?, secret?}`. */
  alertChannel: (channelId: string) => `alert_channels.secrets:${channelId}`,
  idempotentAnswer: (scope: string, key: string) => `idempotency_keys.answer:${scope}:${key}`,
} as const satisfies Record<string, (...ids: string[]) => string>;
