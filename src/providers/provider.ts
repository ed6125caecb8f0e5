import type { Finding } from "../domain/evidence.ts";
import type { Kind, ProviderRefs, RefName } from "../domain/kinds.ts";
import type { Money } from "../domain/money.ts";
import type { CallContext, CallFailure, ProviderCall, ProviderResponse, Send } from "./call.ts";

/** A request a provider sent, as it was kept: exact bytes, headers with lower-case names. */
export type StoredCallback = {
  channel: string;
  headers: Record<string, string>;
  body: Uint8Array;
  receivedAt: Date;
};

/** What is wrong with a body: where (a path such as `Body.stkCallback.CheckoutRequestID`, or empty) and what to do. */
export type FieldProblem = { path: string; message: string };
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
  | { kind: "unreadable"; problems: NonEmpty<FieldProblem> };

/** The body as far as it could be understood, made once per request and shared by `key`, `read` and the receiver. */
export type ParsedBody =
  | { kind: "object"; value: Record<string, unknown> }
  | { kind: "unparsable"; problem: FieldProblem };

/** A payment to be taken, or airtime to be sent, that waits for a yes. It is never money: only what comes of it is. */
export type Validation = {
  /** The provider's id of what it asks about; a repeat has it again. */
  id: string;
  /** The same id under the name it goes by. */
  refs: ProviderRefs;
  /** What the payer typed. */
  reference: string | null;
  amount: Money;
  /** E.164; null where it is masked or hashed. */
  phone: string | null;
  partyName: string | null;
  occurredAt: Date | null;
  /** What else a merchant may want to decide by, as text. */
  details: Record<string, string>;
};

/** Daraja's reasons for a no (its C2B documentation); a provider that has none leaves them out. */
export const rejectionCodes = ["C2B00011", "C2B00012", "C2B00013", "C2B00014", "C2B00015", "C2B00016"] as const;
export type RejectionCode = (typeof rejectionCodes)[number];
export type ValidationVerdict = { accept: true } | { accept: false; code: RejectionCode };

/** What a subscriber typed, the gateway's ways taken off: `text` is everything typed so far, joined by `*`, empty at first. */
export type UssdInput = {
  sessionId: string;
  phone: string | null;
  serviceCode: string | null;
  networkCode: string | null;
  text: string;
};

/** A question as it was understood, or what is wrong with it. */
export type DecisionReading<Q> =
  | { kind: "asked"; question: Q }
  | { kind: "unreadable"; problems: NonEmpty<FieldProblem> };

/** What a synchronous channel asks, and how this provider wants to be answered. Pure; never throws. */
export type DecisionChannel =
  | {
      type: "c2b.validation" | "airtime.validation";
      ask(body: Record<string, unknown>): DecisionReading<Validation>;
      answer(verdict: ValidationVerdict): Reply;
    }
  | {
      type: "ussd.input";
      ask(body: Record<string, unknown>): DecisionReading<UssdInput>;
      /** `text` begins with `CON ` or `END `. */
      answer(text: string): Reply;
    };

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
  unreadable: ((problems: NonEmpty<FieldProblem>) => Reply) | null;
  /**
   * Only where the provider waits for a decision. Then every reply comes from the answer room, that to a body
   * which is no object included; `accepted` is the answer where nobody can decide.
   */
  decision?: DecisionChannel;
};

/** A credential a connection may supply. */
export type CredentialField = { name: string; secret: boolean; means: string };
/** What a connection has supplied, opened. */
export type Credentials = Readonly<Record<string, string>>;
/** Sets of credential names: any one of the sets suffices. Blank counts as absent. */
export type Needs = NonEmpty<readonly string[]>;
export type Environment = "sandbox" | "production";

/** A question about one transaction. */
export type PollRequest = CallContext & {
  kind: Kind;
  refs: ProviderRefs;
  /** When Hakika learnt of it. */
  createdAt: Date;
  /** When this call first said "failed" without being believed (Finding.provisional); null where it never did. */
  provisionalSince: Date | null;
};

/** What asking came to. Only a closed list of final answers ends a transaction; anything else is `not-yet` (PROVIDERS, rule 9). */
export type StatusAnswer =
  /** To settle as `poll` evidence of the transaction asked about; it may say pending or contradict itself. */
  | { kind: "evidence"; findings: NonEmpty<Finding> }
  /** Answered, and not final; says what for the timeline. */
  | { kind: "not-yet"; reason: string }
  /** The provider does not know it, or not yet: never a failure. */
  | { kind: "not-found" }
  /** The answer comes to a callback channel, under one of these identity texts; `conclude` reads it. */
  | { kind: "asked"; conversation: NonEmpty<string> }
  /** Asking on would do harm (a locked initiator): stop for this connection's calls of this sort, and alert. */
  | { kind: "stop"; reason: string }
  | CallFailure;

/** What asking about one kind needs: one of the sets of credentials, and one of the ids. */
export type PollNeeds = {
  credentials: Needs;
  refs: NonEmpty<RefName>;
  /** An experimental call: off unless this credential says `on`. */
  optIn?: string;
};

export type StatusCall = {
  kinds: Partial<Record<Kind, PollNeeds>>;
  /** Calls a minute that one connection may make where its settings say nothing. */
  ratePerMinute: Readonly<Record<Environment, number>>;
  /** Asks once; `canAsk` was true. Never rejects. */
  poll(question: PollRequest, send: Send): Promise<StatusAnswer>;
  /** Reads what a channel heard under a conversation that `asked` named; null where answers never come that way. */
  readDeferredAnswer: null | ((heard: Finding) => StatusAnswer);
};

export type PullPage =
  /**
   * `rows` counts all that were listed, `problems` those that could not be read. `nextOffset` is null after the last page. A provider
   * that ignored the offset would list the same rows for ever: whoever pages stops where a page brings nothing new.
   */
  | { kind: "page"; findings: Finding[]; problems: FieldProblem[]; rows: number; nextOffset: number | null }
  | CallFailure;

/** Statements: what nobody told us. An empty answer proves nothing. */
export type PullCall = {
  credentials: Needs;
  /** How far back the provider lists, in hours. */
  hoursMax: number;
  /** One page of what moved in [from, to], from `offset` (0 first). Findings are `statement` evidence. Never rejects. */
  page(account: CallContext, window: { from: Date; to: Date }, offset: number, send: Send): Promise<PullPage>;
};

export type RegisterAnswer =
  /** `channels` whose URLs the provider now has. */
  | { kind: "registered"; channels: string[] }
  /** It has URLs already, ours or others, and takes no new ones. */
  | { kind: "already-registered"; reason: string }
  /** It does not want these URLs or credentials, in plain words. */
  | { kind: "refused"; reason: string }
  | CallFailure;

/** Puts callback URLs where the provider keeps them. */
export type RegisterCall = {
  /** `C2B URLs` */
  what: string;
  credentials: Needs;
  run(account: CallContext, send: Send): Promise<RegisterAnswer>;
};

/** How a bearer token is had; fetching at the right time, sharing and keeping it are the room's. */
export type TokenCall = {
  credentials: Needs;
  request(account: CallContext): ProviderCall;
  read(answer: ProviderResponse, now: Date): { kind: "token"; token: string; expiresInS: number } | CallFailure;
};

/**
 * Everything Hakika knows of a provider. A provider imports `domain`, this file, `call.ts` and `kit`; never another provider, the
 * database, the environment or the network: what it needs of the world comes in as parameters. What it cannot do is `null`.
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
  /** Where calls go, without a trailing slash, unless the connection has a `base_url`. */
  baseUrls: Readonly<Record<Environment, string>>;
  token: TokenCall | null;
  status: StatusCall | null;
  pull: PullCall | null;
  register: NonEmpty<RegisterCall> | null;
};
