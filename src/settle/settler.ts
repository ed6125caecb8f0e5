import { replaceConnections } from "../database/reconnecting-client.ts";
import { isTimeout, isUnavailable, withTimeout } from "../database/unavailable.ts";
import type { BatchResult, SettleDeps } from "./batch.ts";
import type { Settled, SettleItem } from "./item.ts";
import { settleBatch } from "./settle.ts";

/** Settles what somebody waits for: registrations, answers, decisions. */
export type Settler = {
  /** Resolves after the commit; rejects where the database is away or refuses the item. */
  settle(shard: number, item: SettleItem): Promise<Settled>;
};

export type SettlerDeps = SettleDeps & {
  /** Told after each commit. */
  onSettled: (shard: number, result: BatchResult) => void;
};

type Waiting = { item: SettleItem; resolve: (settled: Settled) => void; reject: (error: unknown) => void };

const batchMax = 100;
/** Somebody waits; a database that is there answers in a hundredth of this. What was sent may still be settled. */
const batchMs = 10_000;

/**
 * One batch in flight per shard; whatever arrives meanwhile is the next. A batch that fails is done again one by one, so that an
 * item the database refuses costs its neighbours nothing.
 */
export function createSettler(deps: SettlerDeps): Settler {
  const shards = new Map<number, Waiting[]>();

  async function run(shard: number, queue: Waiting[]): Promise<void> {
    // What arrives in this turn of the event loop goes along.
    await new Promise<void>(resolve => setImmediate(resolve));
    while (queue.length > 0) await settleSome(shard, queue.splice(0, batchMax));
    shards.delete(shard);
  }

  async function settleSome(shard: number, batch: Waiting[]): Promise<void> {
    try {
      const items = batch.map(waiting => waiting.item);
      const result = await withTimeout(settleBatch(deps, shard, items), batchMs);
      deps.onSettled(shard, result);
      for (const [at, waiting] of batch.entries()) waiting.resolve(result.settled[at]!);
    } catch (error) {
      if (isTimeout(error)) replaceConnections(deps.sql);
      if (batch.length === 1 || isUnavailable(error)) for (const waiting of batch) waiting.reject(error);
      else for (const waiting of batch) await settleSome(shard, [waiting]);
    }
  }

  return {
    settle(shard, item) {
      return new Promise((resolve, reject) => {
        const waiting = { item, resolve, reject };
        const queue = shards.get(shard);
        if (queue) {
          queue.push(waiting);
          return;
        }
        const fresh = [waiting];
        shards.set(shard, fresh);
        void run(shard, fresh);
      });
    },
  };
}
