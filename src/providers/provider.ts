import type { Finding } from "../domain/evidence.ts";
import type { Kind, ProviderRefs } from "../domain/kinds.ts";

/** A request a provider sent, as it was kept: exact bytes, headers with lower-case names. */
export type StoredCallback = {
  channel: string;
  headers: Record<string, string>;
  body: Uint8Array;
  receivedAt: Date;
};

/** What is wrong with a body: where (a path such as `Body.stkCallback.CheckoutRequestID`, or empty) and what to do. */
export type Problem = { path: string; message: string };
export type NonEmpty<T> = [T, ...T[]];

/** An answer to a provider. */
export type Reply = { status: number; contentType: string; body: string };

/** Something a provider tells that settles nothing: it becomes an event straight away. */
export type ProviderMessage = { type: string; payload: unknown };

/** What a callback says. Reading is pure and never throws: hostile bytes end as `unreadable`. */
export type Reading =
  | { kind: "evidence"; findings: NonEmpty<Finding> }
  | { kind: "message"; messages: NonEmpty<ProviderMessage> }
  /** Understood, and about no transaction (an account's balance): processed, nothing to settle, nothing to tell. */
  | { kind: "ignored"; reason: string }
  | { kind: "unreadable"; problems: NonEmpty<Problem> };

/** The body as far as it could be understood, made once per request and shared by `key`, `read` and the receiver. */
export type ParsedBody = { kind: "object"; value: Record<string, unknown> } | { kind: "unparsable"; problem: Problem };

export type Channel = {
  /** Form posts are understood too (`application/x-www-form-urlencoded`). A JSON object is JSON whatever its Content-Type says. */
  forms: boolean;
  /** The text that names this news within connection and channel, or null where the body has none. Cheap, no trust implied. */
  key(body: Record<string, unknown>): string | null;
  /** Evidence, message or named problems; pure, never throws. */
  read(body: Record<string, unknown>, callback: StoredCallback): Reading;
  /** What the provider expects once the bytes are kept. */
  accepted(body: Record<string, unknown>): Reply;
  /**
   * What it gets when the body cannot be understood: `null` means it is accepted all the same (a 4xx there loses a callback
   * for good) and quarantined, but for what is not an object at all. A reply is sent, and the bytes are quarantined.
   */
  unreadable: ((problems: NonEmpty<Problem>) => Reply) | null;
};

/** A credential or setting a connection may supply. */
export type CredentialField = { name: string; secret: boolean; means: string };

/**
 * Everything Hakika knows of a provider. A provider imports `domain`, this file and `kit`; never another provider, the database,
 * the environment or the network: what it needs of the world comes in as parameters. What it cannot do is `null`.
 */
export type Provider = {
  /** As in `/in/{provider}/…`; text, stored with every row. */
  id: string;
  name: string;
  credentials: CredentialField[];
  channels: Record<string, Channel>;
  /** Kinds that may be registered, and the identity texts that their refs give (see Finding.identity). */
  kinds: Kind[];
  identity(kind: Kind, refs: ProviderRefs): string[];
};
