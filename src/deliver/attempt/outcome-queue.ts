import type { DeliveryOutcome, RecordedOutcome } from "./record-store.ts";

/** What was recorded of one outcome. */
export type RecordResult = Pick<RecordedOutcome, "kind" | "isFailingTooLong"> & {
  /** An event of the same endpoint that waited for this one, or for another of the batch, is due now. */
  isNextDue: boolean;
};

/** An outcome that waits to be recorded. */
export type WaitingOutcome = {
  outcome: DeliveryOutcome;
  /** Recorded, or dropped. */
  isDone: boolean;
  result: Promise<RecordResult | null>;
  resolve(result: RecordResult | null): void;
};

/** The outcomes that wait to be recorded, by shard, in the order in which they came. */
export type OutcomeQueue = {
  add(shard: number, outcome: DeliveryOutcome): WaitingOutcome;
  /** How many of a shard wait. */
  length(shard: number): number;
  /** The oldest of a shard. They stay in the queue until they are done and `trim` is called. */
  first(shard: number, max: number): WaitingOutcome[];
  done(item: WaitingOutcome): void;
  /** Removes the outcomes that are done. Returns how many of the shard are left. */
  trim(shard: number): number;
  size(): number;
  shards(): Iterable<number>;
  /** The results of all waiting outcomes. */
  results(): Promise<RecordResult | null>[];
};

export function createOutcomeQueue(): OutcomeQueue {
  const queues = new Map<number, WaitingOutcome[]>();
  let size = 0;

  return {
    add(shard, outcome) {
      const item = waitingOutcome(outcome);
      const queue = queues.get(shard);
      if (queue) queue.push(item);
      else queues.set(shard, [item]);
      size += 1;
      return item;
    },
    length: shard => queues.get(shard)?.length ?? 0,
    first: (shard, max) => queues.get(shard)?.slice(0, max) ?? [],
    done(item) {
      item.isDone = true;
      size -= 1;
    },
    trim(shard) {
      const left = (queues.get(shard) ?? []).filter(({ isDone }) => !isDone);
      if (left.length > 0) queues.set(shard, left);
      else queues.delete(shard);
      return left.length;
    },
    size: () => size,
    shards: () => queues.keys(),
    results: () => [...queues.values()].flat().map(({ result }) => result),
  };
}

function waitingOutcome(outcome: DeliveryOutcome): WaitingOutcome {
  let resolve!: WaitingOutcome["resolve"];
  const result = new Promise<RecordResult | null>(onResult => {
    resolve = onResult;
  });
  return { outcome, isDone: false, result, resolve };
}
