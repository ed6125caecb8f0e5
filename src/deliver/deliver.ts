import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { Sql } from "../database/connect.ts";
import type { SecretBox } from "../database/encryption.ts";
import { shardOf } from "../domain/ids.ts";
import type { EgressRequest, EgressResult } from "../egress/exchange.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { attempt } from "./attempt/attempt.ts";
import type { HttpOutcome } from "./attempt/http-outcome.ts";
import { outcomeOf } from "./attempt/outcome.ts";
import type { DeliveryOutcome, RecordedOutcome } from "./attempt/record-store.ts";
import { createRecorder } from "./attempt/recorder.ts";
import { type DisableReason, disableEndpoint } from "./commands/disable.ts";
import { giveUpWaiting } from "./commands/give-up.ts";
import type { Endpoint } from "./endpoint-store.ts";
import { createEndpoints } from "./endpoints.ts";
import { type DeliverLimits, limitsByDefault } from "./limits.ts";
import type { ClaimedDelivery } from "./queue/claim-store.ts";
import { type AttemptResult, createDispatcher } from "./queue/dispatcher.ts";
import { startDueScan } from "./queue/due-scan.ts";

export type DeliverDeps = {
  /** A client of its own, `byKey`: it uses six connections at most. */
  sql: Sql;
  egress: { send(request: EgressRequest): Promise<EgressResult> };
  box: SecretBox;
  log: Logger;
  telemetry: Telemetry;
  /** Signs, judges `Retry-After` dates and secrets' ends. Scheduling is by the database's clock. */
  now(): Date;
  random(): number;
  limits?: Partial<DeliverLimits>;
};

export type Deliver = {
  /** Something was queued for these endpoints just now: claimed from the next tick on. */
  wake(shard: number, endpointIds: Iterable<string>): void;
  /** An endpoint was changed, disabled, enabled or deleted, here or by another process; null: any may have been. */
  changed(endpointId: string | null): void;
  /** Attempts that run, and endpoints that get one probe at a time. */
  count(): { inFlight: number; openBreakers: number };
  /** Looks once through the queue for what is due, without waiting for the next round. */
  poll(): Promise<void>;
  /** No new claims; running attempts finish, within `drainMs`, and are recorded. */
  drain(): Promise<void>;
};

/** How long the last outcomes may take to be written when the program stops, in ms. */
const recordingMs = 5000;

/** Starts delivering: claims what is due, sends it, records what came of it. */
export function startDeliver(deps: DeliverDeps): Deliver {
  const { sql, egress, box, log, telemetry, now, random } = deps;
  const limits: DeliverLimits = { ...limitsByDefault, ...deps.limits };
  const nowMs = () => performance.now();
  const stopping = new AbortController();
  // One listener for each running attempt.
  setMaxListeners(0, stopping.signal);
  const endpoints = createEndpoints({ sql, box, freshMs: limits.endpointFreshMs, nowMs });
  const attemptDeps = { send: egress.send, now, attemptMs: limits.attemptMs, signal: stopping.signal };
  /** Deliveries that were answered 410, until that is recorded. */
  const gone = new Set<string>();
  const givingUp = new Set<string>();

  const recorder = createRecorder({ sql, log, limits, onRecorded });
  const claims = createDispatcher({ sql, log, limits, endpoints, nowMs, unrecorded: recorder.waiting, send });
  const poll = startDueScan({
    sql,
    log,
    everyMs: limits.pollMs,
    onDue: (shard, ids) => claims.wake(shard, ids, { isOld: true }),
    onOff: giveUpAll,
  });

  async function send(endpoint: Endpoint, delivery: ClaimedDelivery, leaseId: string): Promise<AttemptResult> {
    const startedAt = now();
    const verdict = await attempt(attemptDeps, endpoint, delivery);
    publishAttempt(telemetry, endpoint, delivery, verdict);
    if (verdict.kind === "gone") gone.add(delivery.deliveryId);
    const scheduleS = endpoint.retryScheduleS;
    recorder.push(shardOf(endpoint.id), outcomeOf({ delivery, leaseId, startedAt, verdict, scheduleS, random }));
    return verdict.kind === "unsent" ? null : { isDelivered: verdict.kind === "delivered" };
  }

  function onRecorded(
    shard: number,
    sent: readonly DeliveryOutcome[],
    recorded: readonly RecordedOutcome[],
    released: string[],
  ): void {
    const kinds = new Map(recorded.map(r => [r.deliveryId, r.kind]));
    for (const outcome of sent) {
      const kind = kinds.get(outcome.deliveryId);
      const isGone = gone.delete(outcome.deliveryId);
      if (kind === undefined) continue;
      telemetry.publish("delivery.recorded", () => ({
        deliveryId: outcome.deliveryId,
        endpointId: outcome.endpointId,
        outcome: kind,
      }));
      if (kind === "retry" || kind === "unsent") claims.wakeLater(shard, outcome.endpointId, outcome.waitMs);
      if (isGone) void disable(shard, outcome.endpointId, "gone");
    }
    if (recorded.length < sent.length) {
      telemetry.publish("delivery.lease_lost", () => ({ count: sent.length - recorded.length }));
      log.warn(
        { outcomes: sent.length - recorded.length },
        "leases were lost: what came of these attempts is not recorded",
      );
    }
    const hopeless = new Set(recorded.filter(r => r.isHopeless).map(r => r.endpointId));
    for (const endpointId of hopeless) void disable(shard, endpointId, "hopeless");
    claims.wake(shard, released);
    claims.freed();
  }

  async function disable(shard: number, endpointId: string, reason: DisableReason): Promise<void> {
    try {
      const others = await disableEndpoint(sql, shard, endpointId, reason);
      if (others === null) return;
      telemetry.publish("endpoint.disabled", () => ({ endpointId, reason }));
      log.warn({ endpoint_id: endpointId, reason }, "endpoint disabled");
      claims.wake(shard, others);
      giveUpAll(shard, endpointId);
    } catch (error) {
      // The next 410, or the next failure, disables it.
      log.error({ err: error, endpoint_id: endpointId, reason }, "endpoint not disabled");
    }
  }

  /** Behind everything else: what waits may be much. */
  function giveUpAll(shard: number, endpointId: string): void {
    if (givingUp.has(endpointId)) return;
    givingUp.add(endpointId);
    giveUpWaiting(sql, shard, endpointId)
      .then(given => {
        if (given > 0) log.info({ endpoint_id: endpointId, deliveries: given }, "given up: the endpoint is off");
      })
      .catch(error => log.debug({ err: error, endpoint_id: endpointId }, "not given up yet"))
      .finally(() => givingUp.delete(endpointId));
  }

  return {
    wake: (shard, endpointIds) => claims.wake(shard, endpointIds),
    changed(endpointId) {
      endpoints.forget(endpointId);
      if (endpointId === null) return;
      const shard = shardOf(endpointId);
      claims.wake(shard, [endpointId], { isOld: true });
      giveUpAll(shard, endpointId);
    },
    count: claims.count,
    poll: poll.round,
    async drain() {
      const timer = setTimeout(() => stopping.abort(), limits.drainMs);
      await Promise.all([poll.stop(), claims.stop()]);
      clearTimeout(timer);
      // Without a database the leases run out, and another process sends again.
      await Promise.race([recorder.flush(), pause(recordingMs, undefined, { ref: false })]);
    },
  };
}

function publishAttempt(
  telemetry: Telemetry,
  endpoint: Endpoint,
  delivery: ClaimedDelivery,
  verdict: HttpOutcome,
): void {
  const { deliveryId, eventId, orderKey, attempts } = delivery;
  telemetry.publish("delivery.attempted", () => ({
    deliveryId,
    eventId,
    endpointId: endpoint.id,
    // An event about no transaction is ordered by its own id.
    transactionId: orderKey === eventId ? null : orderKey,
    url: endpoint.url,
    attempt: attempts + 1,
    outcome: verdict.kind,
    ...(verdict.kind === "unsent"
      ? { status: null, problem: verdict.why, ms: 0 }
      : { status: verdict.status, problem: verdict.error, ms: verdict.latencyMs }),
  }));
}
