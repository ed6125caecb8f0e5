import type { Logger } from "pino";
import { halve } from "../../batch/halve.ts";
import { createShardRunner } from "../../batch/shard-runner.ts";
import { throttledLog } from "../../batch/throttled-log.ts";
import type { Sql } from "../../database/connect.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { DeliverLimits } from "../limits.ts";
import { createOutcomeQueue, type RecordResult, type WaitingOutcome } from "./outcome-queue.ts";
import type { DeliveryOutcome, RecordedOutcome } from "./record-store.ts";
import { recordWithAlerts } from "./record-with-alerts.ts";
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
}): Recorder {
  const { sql, log, limits, telemetry, now } = deps;
  const warn = throttledLog(log, "delivery results cannot be recorded; trying again");
  const queue = createOutcomeQueue();
  const runner = createShardRunner(limits.recordsMax, recordShard);
  let delay: NodeJS.Timeout | null = null;

  async function recordShard(shard: number): Promise<void> {
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
    const rows = (await sql.begin(tx => recordWithAlerts(tx, shard, outcomes, now()))) as RecordedOutcome[];
    for (const item of batch) queue.done(item);
    const lost = batch.length - rows.length;
    if (lost > 0) {
      telemetry.publish("delivery.lease_lost", () => ({ count: lost }));
      log.warn({ outcomes: lost }, "delivery results dropped: their leases were lost");
    }
    const recorded = new Map(rows.map(row => [row.deliveryId, row]));
    const finished = outcomes.filter(outcome => isFinished(recorded.get(outcome.deliveryId)));
    const due = new Set(finished.length === 0 ? [] : await releaseNext(sql, shard, finished).catch(() => []));
    for (const { outcome, resolve } of batch) {
      const row = recorded.get(outcome.deliveryId);
      if (!row) resolve(null);
      else resolve({ kind: row.kind, isFailingTooLong: row.isFailingTooLong, isNextDue: due.has(row.endpointId) });
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
      if (queue.length(shard) >= limits.recordBatchMax) runner.request(shard);
      else if (delay === null) delay = setTimeout(requestAll, limits.recordDelayMs);
      return result;
    },
    waiting: queue.size,
    async flush() {
      requestAll();
      await Promise.all(queue.results());
      await runner.idle();
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
