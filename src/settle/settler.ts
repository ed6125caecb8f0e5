import { createGroupCommit, type GroupCommit, type PendingItem } from "../batch/group-commit.ts";
import { halve } from "../batch/halve.ts";
import { replaceConnections } from "../database/reconnecting-client.ts";
import { isTimeout, isUnavailable, withTimeout } from "../database/unavailable.ts";
import type { BatchResult, SettleDeps } from "./batch.ts";
import type { Settled, SettleItem } from "./item.ts";
import { settleBatch } from "./settle.ts";

/** Settles items whose callers wait for the result: registrations, answers, statements' rows, decisions. */
export type Settler = {
  /** Resolves after the commit. Rejects where the database is unavailable or refuses the item. */
  settle(shard: number, item: SettleItem): Promise<Settled>;
};

export type SettlerDeps = SettleDeps & {
  /** Called after each commit. */
  onSettled: (shard: number, result: BatchResult) => void;
};

const batchMax = 100;
/** A caller waits, and an available database answers in a hundredth of this. The batch may still commit afterwards. */
const batchTimeoutMs = 10_000;

/**
 * One group commit for each shard. A batch that fails is halved, so that an item that the database refuses does not
 * fail the others.
 */
export function createSettler(deps: SettlerDeps): Settler {
  const byShard = new Map<number, GroupCommit<SettleItem, Settled>>();

  async function settleSome(shard: number, pending: PendingItem<SettleItem, Settled>[]): Promise<void> {
    try {
      const items = pending.map(({ item }) => item);
      const result = await withTimeout(settleBatch(deps, shard, items), batchTimeoutMs);
      deps.onSettled(shard, result);
      for (const [position, { resolve }] of pending.entries()) resolve(result.settled[position]!);
    } catch (error) {
      if (isTimeout(error)) replaceConnections(deps.sql);
      throw error;
    }
  }

  function groupCommitOf(shard: number): GroupCommit<SettleItem, Settled> {
    const existing = byShard.get(shard);
    if (existing) return existing;
    const created = createGroupCommit<SettleItem, Settled>({
      batchMax,
      // Bounded by the callers: API requests and provider calls under way, which wait for the result.
      waitingMax: Number.POSITIVE_INFINITY,
      write: batch =>
        halve(batch, {
          write: some => settleSome(shard, some),
          refuse: (pending, error) => pending.reject(error),
          isUnavailable,
        }),
    });
    byShard.set(shard, created);
    return created;
  }

  return {
    settle: (shard, item) => groupCommitOf(shard).add(item)!,
  };
}
