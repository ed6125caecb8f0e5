import type { FinalStatus } from "../domain/kinds.ts";
import type { Registration } from "../domain/transaction.ts";
import type { UssdSession } from "../domain/ussd-session.ts";

/** What changed, for the caches of this and other processes. Ids are UUIDs. */
export type Changed = { connectionId?: string; endpointId?: string; merchantId?: string };

export type RegisterInput = {
  shard: number;
  merchantId: string;
  connectionId: string;
  provider: string;
  registration: Registration;
};

export type ResolveInput = {
  shard: number;
  transactionId: string;
  status: FinalStatus;
  note: string;
  /** As the audit names callers. */
  actor: string;
};

/** The one room that changes a status. */
export type SettlePort = {
  /**
   * Keeps a registration and settles it with what was heard before. `created` is false where the provider's reference, or an
   * unfinished registration without references, was already known.
   */
  register(input: RegisterInput): Promise<{ transactionId: string; created: boolean }>;
  /** Adds an operator's word and decides again. The transaction exists and is not an alias. */
  resolve(input: ResolveInput): Promise<void>;
  /** Queues a stored callback to be read again. `gone`: its bytes were dropped by retention. */
  reprocess(input: { shard: number; callbackId: string }): Promise<"queued" | "gone">;
};

export type PollPortResult =
  /** The provider answered, whatever it said; the transaction is as it is now. */
  | { kind: "polled" }
  /** There is no status call for it, or the connection lacks what it needs: `detail` says which. */
  | { kind: "unsupported"; detail: string }
  | { kind: "throttled"; retryAfterS: number }
  /** No answer, or none that can be used. */
  | { kind: "unavailable"; detail: string };

/** Asks the provider about one transaction now. */
export type PollPort = (input: { shard: number; transactionId: string }) => Promise<PollPortResult>;

export type RetryPortResult = "queued" | "being sent" | "endpoint disabled" | "endpoint deleted";

export type DeliverPort = {
  /** Makes an `endpoint.test` event for this endpoint alone and queues it. */
  enqueueTest(input: EndpointRef): Promise<{ eventId: string; deliveryId: string }>;
  /** Queues one delivery again, from its first attempt; a delivered one too. */
  retry(input: { shard: number; deliveryId: string }): Promise<RetryPortResult>;
  /** Queues what failed from `since` on, what was given up while the endpoint was disabled too. Answers how many. */
  recover(input: EndpointRef & { since: Date }): Promise<number>;
  /** Sends events of that time again, those the endpoint did not take then too. Answers how many it will send. */
  replay(
    input: EndpointRef & { replayId: string; eventTypes: string[]; createdAfter: Date; createdBefore: Date | null },
  ): Promise<number>;
};
type EndpointRef = { shard: number; merchantId: string; endpointId: string };

export type RegisterUrlsPortResult =
  /** The provider took these URLs: channel to URL. */
  | { kind: "registered"; urls: Record<string, string>; detail: string }
  /** The provider has no call for it. */
  | { kind: "unsupported"; detail: string }
  /** Credentials that the call needs are not set. */
  | { kind: "credentials missing"; names: string[] }
  /** The provider said no: in its own words, and what can be done. */
  | { kind: "refused"; detail: string }
  | { kind: "throttled"; retryAfterS: number }
  | { kind: "unavailable"; detail: string };

/** Registers a connection's callback URLs at its provider. */
export type RegisterUrlsPort = (input: {
  shard: number;
  connectionId: string;
  callbackUrls: Record<string, string>;
}) => Promise<RegisterUrlsPortResult>;

/** What `POST /v1/reconcile` answers. Times are RFC 3339. */
export type ReconcileReport = {
  started_at: string;
  finished_at: string;
  polled: number;
  settled: number;
  pending: number;
  unresolved: number;
  errors: number;
  rate_limited: number;
  already_running: number;
};

/** Runs one pass over what is due. */
export type ReconcilePort = (input: {
  merchantId: string | null;
  connectionId: string | null;
  limit: number | null;
}) => Promise<ReconcileReport>;

/** Reads sessions. `page` answers at most `count`, newest first by id, all with ids below `before`. */
export type SessionsPort = {
  find(input: { shard: number; id: string; merchantId: string | null }): Promise<UssdSession | null>;
  page(input: {
    shard: number;
    merchantId: string | null;
    connectionId: string | null;
    before: string | null;
    count: number;
  }): Promise<UssdSession[]>;
};

/** What other rooms do for the management API. They throw only where the database is gone. */
export type Ports = {
  /** Called after the commit. */
  changed(what: Changed): Promise<void>;
  settle: SettlePort;
  poll: PollPort;
  deliver: DeliverPort;
  registerUrls: RegisterUrlsPort;
  reconcile: ReconcilePort;
  sessions: SessionsPort;
};
