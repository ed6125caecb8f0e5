import type { Credentials, Environment } from "./provider.ts";

/** One HTTP call that a provider's folder wants made. */
export type ProviderCall = {
  method: "GET" | "POST";
  /** What follows the base URL, query included: `/mpesa/stkpushquery/v1/query`. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** With `Authorization: Bearer` and the connection's token, which the room fetches by `Provider.token`, shares and keeps. */
  auth?: "bearer";
  /** A longer answer is no answer (`unavailable`). 65536 by default. */
  answerBytesMax?: number;
};

/** Whatever the server answered, redirects and errors too. Names of headers are in lower case. */
export type ProviderResponse = {
  kind: "answer";
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
};

/** Why there is no usable answer; nothing was learnt. */
export type CallFailure =
  /** Too many calls: the connection pauses, no try is spent. `retryAfterS` in whole seconds, as the provider said it. */
  | { kind: "throttled"; retryAfterS: number | null }
  /** With `token` the bearer token was refused: a new one may help, once. Without, the credentials themselves are refused. */
  | { kind: "credentials-refused"; token: boolean; reason: string }
  /** No connection, no answer in time, a 5xx, a page of HTML: try again later. Counts for the breaker. */
  | { kind: "unavailable"; reason: string };

/**
 * Makes a call: the room adds base URL, bearer token, time-out, and tries again within seconds on network trouble and 502-504 (what is
 * left of them after that comes back as it is). Never rejects. A token that cannot be had comes back as that trouble, and so does what
 * the room gave up by its own signal.
 */
export type Send = (call: ProviderCall) => Promise<ProviderResponse | CallFailure>;

/** The connection that a call is made for. */
export type CallContext = {
  environment: Environment;
  credentials: Credentials;
  /** The connection's `settings`, as the API takes them. */
  settings: Readonly<Record<string, unknown>>;
  /** Where the provider posts, by channel: full URLs. */
  callbackUrls: Readonly<Record<string, string>>;
  now: Date;
};
