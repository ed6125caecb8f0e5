import type { Logger } from "pino";
import { syncAlerts } from "../../alerts/open/sync-alerts.ts";
import { halve } from "../../batch/halve.ts";
import { createShardRunner } from "../../batch/shard-runner.ts";
import { throttledLog } from "../../batch/throttled-log.ts";
import type { Sql } from "../../database/connect.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { DeliverLimits } from "../limits.ts";
import { createLaterReleases } from "./later-releases.ts";
import { createOutcomeQueue, type RecordResult, type WaitingOutcome } from "./outcome-queue.ts";
import { type DeliveryOutcome, type RecordedOutcome, recordOutcomes } from "./record-store.ts";
import { releaseNext } from "./release-store.ts";

export type Recorder = {
  /** Resolves once the outcome is recorded; null where its lease was lost or the database rejects it. Never rejects. */
  record(shard: number, outcome: DeliveryOutcome): Promise<RecordResult | null>;
  /** Outcomes that are not recorded yet. */
  waiting(): number;
  /** Records the waiting outcomes at once. Resolves when none is left. */
  flush(): Promise<void>;
};

/** How long outcomes wait that the database did not take, in ms. */
const retryMs = 250;

/**
 * Records outcomes in batches, one batch at a time for each shard. Outcomes that the database does not take are kept
 * and tried again; whether they still count then is decided by their leases.
 */
export function createRecorder(deps: {
  sql: Sql;
  log: Logger;
  limits: DeliverLimits;
  telemetry: Telemetry;
  now(): Date;
  /** Events of these endpoints are due now: they waited for one before them, or an alert has made them. */
  onNextDue: (shard: number, endpointIds: string[]) => void;
}): Recorder {
  const { sql, log, limits, telemetry, now } = deps;
  const warn = throttledLog(log, "delivery results cannot be recorded; trying again");
  const later = createLaterReleases(sql, deps.onNextDue);
  const queue = createOutcomeQueue();
  const runner = createShardRunner(limits.recordsMax, recordShard);
  let delay: NodeJS.Timeout | null = null;
  let lastAtMs = Number.NEGATIVE_INFINITY;

  async function recordShard(shard: number): Promise<void> {
    lastAtMs = performance.now();
    const batch = queue.first(shard, limits.recordBatchMax);
    try {
      await halve(batch, { write: part => record(shard, part), refuse, isUnavailable: error => !isRejection(error) });
    } catch (error) {
      warn(error, { outcomes: queue.size() });
    }
    if (queue.trim(shard) === 0) return;
    if (batch.every(({ isDone }) => isDone)) runner.request(shard);
    else setTimeout(() => runner.request(shard), retryMs).unref();
  }

  async function record(shard: number, batch: WaitingOutcome[]): Promise<void> {
    const outcomes = batch.map(({ outcome }) => outcome);
    const rows = await recordOutcomes(sql, shard, outcomes);
    for (const item of batch) queue.done(item);
    const lost = batch.length - rows.length;
    if (lost > 0) {
      telemetry.publish("delivery.lease_lost", () => ({ count: lost }));
      log.warn({ outcomes: lost }, "delivery results dropped: their leases were lost");
    }
    const recorded = new Map(rows.map(row => [row.deliveryId, row]));
    const finished = outcomes.filter(outcome => isFinished(recorded.get(outcome.deliveryId)));
    const followed = finished.filter(outcome => recorded.get(outcome.deliveryId)!.hasNext);
    const due = new Set(followed.length === 0 ? [] : await releaseNext(sql, shard, followed).catch(() => []));
    later.add(
      shard,
      finished.filter(outcome => !followed.includes(outcome)),
    );
    for (const { outcome, resolve } of batch) {
      const row = recorded.get(outcome.deliveryId);
      if (!row) resolve(null);
      else resolve({ kind: row.kind, isFailingTooLong: row.isFailingTooLong, isNextDue: due.has(row.endpointId) });
    }
    await syncTurned(
      shard,
      rows.filter(({ hasTurned }) => hasTurned).map(({ endpointId }) => endpointId),
    );
  }

  /** Alerts of endpoints that began or ended to fail. What fails here is made up for by the next look at all causes. */
  async function syncTurned(shard: number, endpointIds: string[]): Promise<void> {
    if (endpointIds.length === 0) return;
    try {
      const wake = await sql.begin(tx => syncAlerts(tx, shard, "endpoint_failing", endpointIds, now()));
      if (wake.length > 0) deps.onNextDue(shard, wake);
    } catch (error) {
      log.warn({ err: error }, "alerts of failing endpoints are opened and closed later");
    }
  }

  /** Only the texts of an outcome can be at fault: it is recorded without them, and dropped if it is rejected again. */
  function refuse(item: WaitingOutcome, error: unknown): void {
    const { outcome } = item;
    const line = { err: error, delivery_id: outcome.deliveryId, endpoint_id: outcome.endpointId };
    if (outcome.answer !== null || outcome.error !== null) {
      log.error(line, "delivery result rejected by database; storing without response text");
      item.outcome = { ...outcome, answer: null, error: null };
    } else {
      log.error(line, "delivery result rejected by database; dropped");
      queue.done(item);
      item.resolve(null);
    }
  }

  function requestAll(): void {
    if (delay !== null) clearTimeout(delay);
    delay = null;
    for (const shard of queue.shards()) runner.request(shard);
  }

  return {
    record(shard, outcome) {
      const { result } = queue.add(shard, outcome);
      const isLone = performance.now() - lastAtMs >= limits.recordDelayMs;
      if (isLone || queue.length(shard) >= limits.recordBatchMax) runner.request(shard);
      else if (delay === null) delay = setTimeout(requestAll, limits.recordDelayMs);
      return result;
    },
    waiting: queue.size,
    async flush() {
      requestAll();
      await Promise.all(queue.results());
      await runner.idle();
      await later.flush();
    },
  };
}

function isFinished(recorded: RecordedOutcome | undefined): boolean {
  return recorded?.kind === "delivered" || recorded?.kind === "failed";
}

/** SQLSTATE classes 22 and 23: the values are at fault, not the state of the database. */
function isRejection(error: unknown): boolean {
  return /^2[23]/.test((error as { code?: string }).code ?? "");
}
