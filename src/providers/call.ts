import type { Environment } from "../domain/kinds.ts";
import type { Credentials } from "./provider.ts";

/** One HTTP call that a provider's folder wants made. */
export type ProviderCall = {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Which of `Provider.baseUrls`, where the provider has several hosts; the first where left out. */
  host?: string;
  /** What follows the base URL, query included: `/mpesa/stkpushquery/v1/query`. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /**
   * Adds `Authorization: Bearer` and an access token, which the room fetches, shares and keeps: `bearer` is the one of
   * `Provider.token`, a name is one of `Provider.tokens`.
   */
  auth?: "bearer" | { token: string };
  /** In bytes; 65536 by default. A longer answer counts as none (`unavailable`). */
  answerBytesMax?: number;
};

/** Whatever the server answered, redirects and errors included. Names of headers are in lower case. */
export type ProviderResponse = {
  kind: "answer";
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
};

/** Why there is no usable answer; nothing was learnt. */
export type CallFailure =
  /**
   * Too many calls: the connection pauses, no try is spent. `retryAfterS` is in whole seconds, as the provider named
   * it.
   */
  | { kind: "throttled"; retryAfterS: number | null }
  /**
   * With `token` the access token was refused: a new one may help, once. Without, the credentials themselves were. The
   * reason has the provider's own code and words.
   */
  | { kind: "credentials-refused"; token: boolean; reason: string }
  /**
   * The provider refused this call, with a 4xx or in so many words: nothing was learnt of the transaction. `code` is
   * the provider's own; the reason has code and words, cut and without what could be personal.
   */
  | { kind: "refused"; code: string | null; reason: string }
  /**
   * No connection, no answer in time, a 5xx, an answer that is no JSON: try again later. Counts for the breaker.
   * `notSent`: it is certain that no byte of the call left.
   */
  | { kind: "unavailable"; reason: string; notSent?: true };

/**
 * Makes a call: the room adds base URL, access token and time-out, and tries again within seconds after network
 * failures and 502 to 504 (the last of these comes back as it is). Never rejects. A token that cannot be had comes back
 * as that failure, and a call that the room gave up as `unavailable`.
 */
export type Send = (call: ProviderCall) => Promise<ProviderResponse | CallFailure>;

/** A connection as a provider's folder sees it. */
export type ProviderConnection = {
  environment: Environment;
  credentials: Credentials;
  /** The connection's `settings`, as the API takes them. */
  settings: Readonly<Record<string, unknown>>;
};

/** The connection that a call is made for. */
export type CallContext = ProviderConnection & {
  /** Where the provider sends callbacks, by channel: full URLs. */
  callbackUrls: Readonly<Record<string, string>>;
  /** The ids that the provider gave to registered callback URLs (`RegisterAnswer.ids`); empty where it gave none. */
  registeredIds: Readonly<Record<string, string>>;
  now: Date;
};
