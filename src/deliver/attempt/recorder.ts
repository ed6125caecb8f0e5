import type { Logger } from "pino";
import { createShardRunner } from "../../batch/shard-runner.ts";
import { throttledLog } from "../../batch/throttled-log.ts";
import type { Queryable } from "../../database/connect.ts";
import type { DeliverLimits } from "../limits.ts";
import { releaseNext } from "../queue/claim-store.ts";
import { type DeliveryOutcome, type RecordedOutcome, recordOutcomes } from "./record-store.ts";

export type Recorder = {
  push(shard: number, outcome: DeliveryOutcome): void;
  /** Outcomes that are not written yet. */
  waiting(): number;
  /** Writes what waits, without waiting for more. Resolves once everything is written. */
  flush(): Promise<void>;
};

/** Pause after the database did not take a batch, in ms. */
const againMs = 250;

/**
 * Writes outcomes in batches, one batch in flight per shard. What the database does not take is kept and tried again: the leases
 * say whether it still counts by then.
 */
export function createRecorder(deps: {
  sql: Queryable;
  log: Logger;
  limits: DeliverLimits;
  /** After the commit. `released`: endpoints whose next event may go now. `sent` are the outcomes of the batch. */
  onRecorded: (
    shard: number,
    sent: readonly DeliveryOutcome[],
    recorded: readonly RecordedOutcome[],
    released: string[],
  ) => void;
}): Recorder {
  const { sql, log, limits, onRecorded } = deps;
  const warn = throttledLog(log, "outcomes of deliveries wait for the database");
  const pending = new Map<number, DeliveryOutcome[]>();
  const turns = createShardRunner(limits.recordsMax, run);
  let count = 0;
  let timer: NodeJS.Timeout | null = null;
  const emptied: (() => void)[] = [];

  async function run(shard: number): Promise<void> {
    const queue = pending.get(shard) ?? [];
    const batch = queue.slice(0, limits.recordBatchMax);
    if (batch.length === 0) return;
    try {
      const recorded = await recordOutcomes(sql, shard, batch);
      settle(shard, batch.length);
      const done = new Set(recorded.filter(r => r.kind === "delivered" || r.kind === "failed").map(r => r.deliveryId));
      const places = batch.filter(outcome => done.has(outcome.deliveryId));
      const released = places.length === 0 ? [] : await releaseNext(sql, shard, places).catch(() => []);
      onRecorded(shard, batch, recorded, released);
    } catch (error) {
      refuse(shard, batch, error);
    }
  }

  /** The batch is dealt with. */
  function settle(shard: number, length: number): void {
    const rest = pending.get(shard)!.slice(length);
    count -= length;
    if (rest.length > 0) {
      pending.set(shard, rest);
      turns.request(shard);
    } else {
      pending.delete(shard);
    }
    if (count === 0) for (const resolve of emptied.splice(0)) resolve();
  }

  function refuse(shard: number, batch: DeliveryOutcome[], error: unknown): void {
    // Class 22 or 23: not the database's state but something in the batch. Texts of others are all that can be at fault.
    if (/^2[23]/.test((error as { code?: string }).code ?? "")) {
      log.error({ err: error, outcomes: batch.length }, "outcomes of deliveries cannot be written as they are");
      if (batch.every(outcome => outcome.answer === null && outcome.error === null)) {
        settle(shard, batch.length);
        return;
      }
      for (const outcome of batch) Object.assign(outcome, { answer: null, error: null });
    } else {
      warn(error, { outcomes: count });
    }
    setTimeout(() => turns.request(shard), againMs).unref();
  }

  function requestAll(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    for (const shard of pending.keys()) turns.request(shard);
  }

  return {
    push(shard, outcome) {
      const queue = pending.get(shard);
      if (queue) queue.push(outcome);
      else pending.set(shard, [outcome]);
      count += 1;
      if (queue && queue.length >= limits.recordBatchMax) turns.request(shard);
      else if (timer === null) timer = setTimeout(requestAll, limits.recordDelayMs);
    },
    waiting: () => count,
    flush() {
      requestAll();
      if (count === 0) return turns.idle();
      return new Promise<void>(resolve => {
        emptied.push(resolve);
      }).then(() => turns.idle());
    },
  };
}
