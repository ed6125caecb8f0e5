import type { Event } from "../domain/events.ts";
import type { Kind, Status } from "../domain/kinds.ts";
import type { LimitName } from "./limits.ts";

/** A callback that was written to disk. */
export type KeptCallback = Readonly<{
  id: string;
  connectionId: string;
  provider: string;
  channel: string;
  /** How often it arrived in the batch. */
  copies: number;
  /** `answered`: on a channel whose answer depends on the callback. `accepted`: the settle worker reads it next. */
  outcome: "accepted" | "answered" | "quarantined";
}>;

/** What settling an item came to. */
export type SettledItem = Readonly<{
  /** Null for an item that was not read from a callback. */
  callbackId: string | null;
  /** The lease of its callback or poll had expired, so nothing was written. */
  lost: boolean;
  transactionIds: readonly string[];
  statuses: readonly Status[];
}>;

/**
 * Every event that the rooms publish, by name. Events are plain data: ids are UUIDs, `ms` is a duration in
 * milliseconds. A URL may hold a secret of the operator or the merchant: only its host may be logged or exported.
 */
export type TelemetryEvents = {
  /** A request to a callback URL. The nullable ids are null where no connection was found, or nothing was kept. */
  "callback.answered": Readonly<{
    method: string;
    status: number;
    provider: string | null;
    channel: string | null;
    connectionId: string | null;
    callbackId: string | null;
    outcome: string;
    ms: number;
  }>;
  /**
   * A callback for another receiver than its connection's went into quarantine. `receiver`: as it is compared (trimmed,
   * in lower case), and chosen by the sender.
   */
  "callback.wrong_receiver": Readonly<{
    provider: string;
    channel: string;
    connectionId: string;
    callbackId: string;
    receiver: string;
  }>;
  /** Callbacks that shared one commit, or one sync of the spool. `ms`: the time of the write. */
  "callbacks.kept": Readonly<{
    batchId: string;
    to: "database" | "spool";
    callbacks: readonly KeptCallback[];
    ms: number;
  }>;
  /** A batch that was claimed from the inbox, read and settled. `ms`: from the claim to the commit. */
  "batch.read": Readonly<{
    batchId: string;
    shard: number;
    callbacks: readonly Pick<KeptCallback, "id" | "connectionId" | "provider" | "channel">[];
    ms: number;
  }>;
  /** A batch after its commit: callbacks, registrations, answers or decisions. `ms` includes repeated tries. */
  "batch.settled": Readonly<{
    shard: number;
    settled: readonly SettledItem[];
    events: readonly Readonly<Pick<Event, "id" | "type" | "transactionId">>[];
    ms: number;
  }>;
  /** One attempt at an endpoint. `unsent`: nothing was sent, for a reason of this process; `ms` is 0 then. */
  "delivery.attempted": Readonly<{
    deliveryId: string;
    eventId: string;
    endpointId: string;
    /** Null where the event is about no transaction. */
    transactionId: string | null;
    url: string;
    /** From 1. */
    attempt: number;
    outcome: "delivered" | "failed" | "gone" | "unsent";
    /** Null without an answer. */
    status: number | null;
    problem: string | null;
    ms: number;
  }>;
  /** The outcome of an attempt was written. */
  "delivery.recorded": Readonly<{
    deliveryId: string;
    endpointId: string;
    outcome: "delivered" | "retry" | "failed" | "unsent";
  }>;
  /** Outcomes that were not written because their leases had expired. */
  "delivery.lease_lost": Readonly<{ count: number }>;
  /** The database refused a statement whatever its values: a fault of this program. `statement`: verbs and tables. */
  "statement.refused": Readonly<{ code: string; statement: string }>;
  /** The program disabled an endpoint. */
  "endpoint.disabled": Readonly<{ endpointId: string; reason: string }>;
  /** A status call to a provider about one transaction. `url`: base of the provider's API. */
  "poll.finished": Readonly<{
    provider: string;
    connectionId: string;
    url: string;
    kind: Kind;
    transactionId: string;
    outcome:
      | "settled"
      | "pending"
      | "throttled"
      | "unavailable"
      | "refused"
      | "credentials-refused"
      | "stopped"
      | "lost";
    ms: number;
  }>;
  /** Status calls under a connection are paused, or stopped (`reason: "stopped"`). */
  "connection.paused": Readonly<{ provider: string; connectionId: string; reason: string }>;
  /** A pull of a connection's statements. `rows`: rows listed since it went on. */
  "pull.finished": Readonly<{
    provider: string;
    connectionId: string;
    url: string;
    outcome: "done" | "failed" | "throttled" | "unfinished" | "endless" | "lost";
    rows: number;
    ms: number;
  }>;
  /** A reconciliation pass. `counts`: as `POST /v1/reconcile` answers them. */
  "pass.finished": Readonly<{ counts: Readonly<Record<string, number>>; ms: number }>;
  /** A validation or USSD screen was answered. `by`: who decided. `ms`: from the request's arrival. */
  "decision.answered": Readonly<{
    provider: string;
    channel: string;
    by: "rule" | "merchant" | "fallback";
    connectionId: string;
    callbackId: string;
    ms: number;
  }>;
  /** A limit turned something away. */
  "limit.reached": Readonly<{ limit: LimitName }>;
  /** A call of the management API. */
  "api.answered": Readonly<{
    method: string;
    /** The route's pattern; `unknown` without a route. */
    pattern: string;
    status: number;
    requestId: string;
    /** Public id of the one thing that was answered; null for lists and errors. */
    answeredId: string | null;
    /** W3C trace headers of an authenticated caller; empty for any other. */
    traceHeaders: Readonly<Record<string, string>>;
    ms: number;
  }>;
};

export type TelemetryEventName = keyof TelemetryEvents;
