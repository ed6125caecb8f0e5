import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { Sql } from "../database/connect.ts";
import type { SecretBox } from "../database/encryption.ts";
import { shardOf } from "../domain/ids.ts";
import type { Egress } from "../egress/client.ts";
import type { DeliveryHandOver } from "../outbox/hand-over.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { createRecorder } from "./attempt/recorder.ts";
import { createSender } from "./attempt/sender.ts";
import { createAutoDisable } from "./commands/auto-disable.ts";
import { createEndpointCache } from "./endpoint-cache.ts";
import { type DeliverLimits, limitsByDefault } from "./limits.ts";
import { createDispatcher } from "./queue/dispatcher.ts";
import { startDueScan } from "./queue/due-scan.ts";

export type DeliverDeps = {
  /** A client for this room alone, `byKey`. It needs six connections at most. */
  sql: Sql;
  egress: Pick<Egress, "send">;
  box: SecretBox;
  /** Key of the audit's chain. */
  auditKey: Buffer;
  log: Logger;
  telemetry: Telemetry;
  /** For signatures, dates in `Retry-After` and the expiry of secrets. Due times are of the database's clock. */
  now(): Date;
  random(): number;
  limits?: Partial<DeliverLimits>;
};

export type Deliver = {
  /** Deliveries were queued for these endpoints: they are claimed in the next turn of the event loop. */
  wake(shard: number, endpointIds: Iterable<string>): void;
  /** Takes deliveries that this process writes, to send them without a claim. */
  handOver: DeliveryHandOver;
  /** An endpoint was changed, enabled, disabled or deleted, by this process or another; null: any may have been. */
  changed(endpointId: string | null): void;
  /** Attempts that run, and endpoints with an open circuit breaker. */
  count(): { inFlight: number; openBreakers: number };
  /** Scans the queue once for what is due, without waiting for the next scan. */
  scan(): Promise<void>;
  /** Stops claiming. Resolves when the running attempts have ended, within `drainMs`, and are recorded. */
  drain(): Promise<void>;
};

/** How long the last outcomes may take to be recorded when the program stops, in ms. */
const recordingMs = 5000;

/** Starts delivering: claims due deliveries, sends them, records the outcomes. */
export function startDeliver(deps: DeliverDeps): Deliver {
  const { sql, egress, box, log, telemetry, now, random } = deps;
  const limits: DeliverLimits = { ...limitsByDefault, ...deps.limits };
  const nowMs = () => performance.now();
  const stopping = new AbortController();
  // Each running attempt has a listener.
  setMaxListeners(0, stopping.signal);

  const endpoints = createEndpointCache({ sql, box, cacheMs: limits.endpointCacheMs, nowMs });
  const recorder = createRecorder({
    ...{ sql, log, limits, telemetry, now },
    onNextDue: (shard, endpointIds) => dispatcher.wake(shard, endpointIds),
  });
  const autoDisable = createAutoDisable({ sql, auditKey: deps.auditKey, log, telemetry });
  const attempts = { egress, now, attemptMs: limits.attemptMs, signal: stopping.signal };
  const sender = createSender({ ...attempts, recorder, telemetry, random });
  const dispatcher = createDispatcher({ sql, log, limits, endpoints, sender, recorder, autoDisable, telemetry, nowMs });
  const dueScan = startDueScan({ sql, log, everyMs: limits.scanMs, dispatcher, autoDisable });

  return {
    handOver: dispatcher.handOver,
    wake: (shard, endpointIds) => dispatcher.wake(shard, endpointIds),
    changed(endpointId) {
      endpoints.forget(endpointId);
      if (endpointId === null) return;
      const shard = shardOf(endpointId);
      dispatcher.wake(shard, [endpointId], { includeOld: true });
      autoDisable.failPending(shard, endpointId);
    },
    count: dispatcher.count,
    scan: dueScan.scan,
    async drain() {
      const timer = setTimeout(() => stopping.abort(), limits.drainMs);
      await Promise.all([dueScan.stop(), dispatcher.stop()]);
      clearTimeout(timer);
      // Without the database the leases run out, and another process sends again.
      await Promise.race([recorder.flush(), pause(recordingMs, undefined, { ref: false })]);
    },
  };
}
