import type { Finding } from "../domain/evidence.ts";
import type { Environment, Kind, ProviderRefs } from "../domain/kinds.ts";
import type { Money } from "../domain/money.ts";
import type { ProviderSimulator } from "../simulator/provider-simulator.ts";
import type { BalanceCall } from "./balance.ts";
import type { ProviderConnection } from "./call.ts";
import type { DecisionChannel } from "./decision.ts";
import type { CallbackProof, KeysCall, PublishedKeys, ReceivedCallback } from "./proof.ts";
import type { PullCall } from "./pull.ts";
import type { RegisterCall } from "./register.ts";
import type { StartCall } from "./start.ts";
import type { StatementFiles } from "./statement.ts";
import type { StatusCall } from "./status.ts";
import type { TokenCall } from "./token.ts";

export type NonEmpty<T> = [T, ...T[]];

export type CallbackMethod = "POST" | "PUT" | "GET";

/** A request that a provider sent, as it was kept: exact bytes, headers with lower-case names. */
export type StoredCallback = {
  channel: string;
  method: CallbackMethod;
  /** The query of the URL, decoded; a repeated name keeps its last value. Empty where there was none. */
  query: Readonly<Record<string, string>>;
  headers: Record<string, string>;
  body: Uint8Array;
  receivedAt: Date;
};

/** What is wrong with a body: where (a path such as `Body.stkCallback.CheckoutRequestID`, or empty) and what to do. */
export type FieldProblem = { path: string; message: string };

/** An answer to a provider. */
export type Reply = { status: number; contentType: string; body: string };

/**
 * Something a provider reports that settles nothing: it becomes an event at once. `type` is one of
 * `Provider.messageTypes`.
 */
export type ProviderMessage = { type: string; payload: unknown };

/** The balance of the account that receives, at a time. Of a payment's callback: after the payment. */
export type ToldBalance = { amount: Money; at: Date };

/** What a callback says. Reading is pure and never throws: hostile bytes end as `unreadable`. */
export type Reading =
  | { kind: "evidence"; findings: NonEmpty<Finding> }
  /**
   * Something happened to these transactions, and the callback does not say what, or cannot be trusted to. They are
   * polled at once, as often as the callback comes; their `says` is ignored, and nothing is settled.
   */
  | { kind: "changed"; findings: NonEmpty<Finding> }
  | { kind: "message"; messages: NonEmpty<ProviderMessage> }
  /** Understood, and about no transaction: processed, without an event. An account's balance is kept. */
  | { kind: "ignored"; reason: string; balance?: ToldBalance }
  | { kind: "unreadable"; problems: NonEmpty<FieldProblem> };

/**
 * A callback's fields as far as they could be understood, parsed once per request and shared by `key`, `read` and the
 * receiver.
 */
export type ParsedBody =
  | { kind: "object"; value: Record<string, unknown> }
  /** `mayBeObject`: it was not parsed because it is too deep or too large, and begins as an object does. */
  | { kind: "unparsable"; problem: FieldProblem; mayBeObject?: boolean };

/** One callback URL of a connection. `body` is the parsed body; of a GET, which has none, it is the query. */
export type Channel = {
  /** HTTP methods that the provider uses; another one is answered 405. `POST` alone where left out. */
  methods?: readonly CallbackMethod[];
  /**
   * Form posts are understood too (`application/x-www-form-urlencoded`). A JSON object is JSON whatever its
   * Content-Type says.
   */
  forms: boolean;
  /**
   * The text that tells this callback from others of its connection and channel; null where the body has none. Cheap;
   * trusts nothing.
   */
  key(body: Record<string, unknown>, callback: StoredCallback): string | null;
  /** Pure; never throws. The connection supplies what the body may lack: a country, a currency, the receiver. */
  read(body: Record<string, unknown>, callback: StoredCallback, connection: ProviderConnection): Reading;
  /**
   * The receiver of the money that a body names, and where: `{path: "BusinessShortCode", value: "600100"}`. Null where
   * it names none. Compared with `Provider.receiver`; cheap, and trusts nothing.
   */
  receiver?(body: Record<string, unknown>): { path: string; value: string } | null;
  /**
   * Whether a body has the shape of this channel, so that a callback to the wrong URL can be told which one is right.
   * Asked where the channel that a body came to cannot read it. Strict: no body is of two channels. Left out where a
   * shape cannot be told from others.
   */
  recognizes?(body: Record<string, unknown>): boolean;
  /** The reply that the provider expects once the bytes are kept. */
  accepted(body: Record<string, unknown>): Reply;
  /**
   * The reply to a body that cannot be read; it is kept in quarantine in any case. `null`: the accepted reply, because
   * this provider drops a callback for good after a 4xx; only a body that is no object is refused then.
   */
  unreadable: ((problems: NonEmpty<FieldProblem>) => Reply) | null;
  /**
   * Only where the provider waits for a decision. Then every reply comes from the answer room, also to a body that is
   * no object, and `accepted` is the reply where no decision can be made.
   */
  decision?: DecisionChannel;
};

/** A credential that a connection may supply. `verifies`: what `Provider.verify` needs. */
export type CredentialField = { name: string; secret: boolean; means: string; verifies?: boolean };
/** The credentials that a connection supplied, decrypted. */
export type Credentials = Readonly<Record<string, string>>;
/** Sets of credential names, any one of which suffices. A blank credential counts as absent. */
export type Needs = NonEmpty<readonly string[]>;
/** Named hosts: base URLs without a slash at their end. A call that names no host goes to the first. */
export type Hosts = Readonly<Record<string, string>>;

/**
 * Everything Hakika knows of a provider. A provider's folder imports `domain`, the interface and `kit`; never another
 * provider, the database, the environment or the network: what it needs of the world comes in as parameters. What it
 * cannot do is `null`, or left out where the field is optional.
 */
export type Provider = {
  /** As in `/in/{provider}/…`; stored with every row. */
  id: string;
  name: string;
  credentials: CredentialField[];
  channels: Record<string, Channel>;
  /** Kinds that may be registered, and the identity texts that their refs give (see Finding.identity). */
  kinds: Kind[];
  identity(kind: Kind, refs: ProviderRefs): string[];
  /** Names of the provider's ids, as `provider_refs` shows them, most useful first. */
  refs?: readonly string[];
  /**
   * What the provider answers in the place of an id where it has none, beside the words and zeros that no provider uses
   * as ids (api/transactions/placeholder-refs.ts). Compared in any letter case.
   */
  placeholderRefs?: readonly string[];
  /**
   * The credentials that name the connection's own receiver, such as `shortcode`. A callback for another receiver
   * (Channel.receiver) that `settings.receivers` does not list either goes into quarantine.
   */
  receiver?: readonly string[];
  /** Types of the messages that channels read, beside the event types every provider has. */
  messageTypes?: readonly string[];
  /**
   * ISO 4217: the currency of an amount that is registered without one; null or left out where the merchant must name
   * it.
   */
  currency?: string | ((connection: ProviderConnection) => string | null);
  /** How the provider writes dates, tried in this order (see timeReader). */
  dateFormats?: readonly string[];
  /** Words that the provider accepts in no callback URL. */
  refusedUrlWords?: readonly string[];
  /**
   * Checks the proof that the provider's callbacks carry, beside what the operator configured and before anything else
   * is parsed. A callback that is `signed` is evidence of strength `signed`; `refused` is answered 401. Pure and
   * synchronous; never throws. `keys` are those of `keys`, as far as they are known; an unknown key id is
   * `unknown-key`, and tried again with fresh keys.
   */
  verify?(callback: ReceivedCallback, credentials: Credentials, keys: PublishedKeys): CallbackProof;
  /**
   * A callback whose proof is `absent`: `refuse` answers 401 where the connection has what verifies (see
   * requiresSignature), else it is a hint; `poll` keeps it, and reads its evidence as `changed`. `refuse` where left
   * out.
   */
  withoutProof?: "refuse" | "poll";
  /** Names (lower case) of callback headers that hold a secret as it is: they are kept as `[verified]`. */
  secretHeaders?: readonly string[];
  /** The keys that the provider publishes for `verify`. */
  keys?: KeysCall | null;
  /**
   * Where calls go, without a slash at the end, unless the connection has a `base_url`: that replaces the host, and
   * keeps the path.
   */
  baseUrls: Readonly<Record<Environment, string | Hosts>>;
  token: TokenCall | null;
  /** Access tokens by name, where one connection needs several: `ProviderCall.auth` names one. */
  tokens?: Readonly<Record<string, TokenCall>>;
  status: StatusCall | null;
  pull: PullCall | null;
  /** The files that merchants download at the provider and import here; other files are read by named columns. */
  statement?: StatementFiles | null;
  register: NonEmpty<RegisterCall> | null;
  start?: StartCall | null;
  balance?: BalanceCall | null;
  /** The simulated server and the scenarios of `hakika simulate`; loaded only then. */
  simulator?: () => Promise<ProviderSimulator>;
};
