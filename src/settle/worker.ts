import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Directory } from "../connections/directory.ts";
import type { Provider } from "../providers/provider.ts";
import { type ClaimedCallback, claimCallbacks, releaseCallbacks, shardsDue } from "./inbox-store.ts";
import type { SettleItem } from "./item.ts";
import { readCallback } from "./read.ts";
import { type BatchResult, settleBatch } from "./settle.ts";
import type { SettleDeps } from "./settle-deps.ts";

export type SettleWorkerDeps = SettleDeps & {
  directory: Directory;
  providers: ReadonlyMap<string, Provider>;
  log: Logger;
  /** Told after each commit: endpoints to deliver to, transactions to ask about at once. */
  onSettled: (shard: number, result: BatchResult) => void;
  /** Whether an error means that the database is away, rather than that it refuses what it was given. */
  isAway: (error: unknown) => boolean;
  onBatch?: (callbacks: number, ms: number) => void;
};

export type SettleWorker = {
  /** Something was kept in these shards. */
  wake(shards: Iterable<number>): void;
  drain(): Promise<void>;
};

const batchMax = 100;
const concurrencyMax = 2;
const pollEveryMs = 500;

/** Reads what was kept and settles it, one shard a batch, woken by the receiver and, for other processes' sake, by polling. */
export function startSettleWorker(deps: SettleWorkerDeps): SettleWorker {
  const { sql, log } = deps;
  const pending = new Set<number>();
  const running = new Set<number>();
  const tasks = new Set<Promise<void>>();
  let stopping = false;
  let scheduled = false;

  function kick(): void {
    if (scheduled || stopping) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      for (const shard of pending) {
        if (running.size >= concurrencyMax || stopping) return;
        if (running.has(shard)) continue;
        pending.delete(shard);
        running.add(shard);
        const task = work(shard).finally(() => {
          running.delete(shard);
          tasks.delete(task);
          if (pending.size > 0) kick();
        });
        tasks.add(task);
      }
    });
  }

  async function work(shard: number): Promise<void> {
    try {
      const more = await settleDue(deps, shard);
      if (more) pending.add(shard);
    } catch (error) {
      if (!stopping) log.warn({ err: error, shard }, "settling is interrupted; it goes on with the next poll");
    }
  }

  const poll = setInterval(async () => {
    try {
      for (const shard of await shardsDue(sql)) pending.add(shard);
      kick();
    } catch {
      // The database is away: the next poll finds it.
    }
  }, pollEveryMs);

  return {
    wake(shards) {
      for (const shard of shards) pending.add(shard);
      kick();
    },
    async drain() {
      stopping = true;
      clearInterval(poll);
      await Promise.allSettled(tasks);
    },
  };
}

/** Claims and settles one batch of a shard; answers whether there may be more. */
export async function settleDue(deps: SettleWorkerDeps, shard: number): Promise<boolean> {
  const leaseId = randomUUID();
  const claimed = await claimCallbacks(deps.sql, shard, leaseId, batchMax);
  if (claimed.length === 0) return false;
  const started = performance.now();
  try {
    const items = await readAll(deps, shard, leaseId, claimed);
    await settleHalving(deps, shard, items);
  } catch (error) {
    const ids = claimed.map(c => c.id);
    await releaseCallbacks(deps.sql, shard, leaseId, ids).catch(() => {});
    throw error;
  }
  const ms = performance.now() - started;
  deps.onBatch?.(claimed.length, ms);
  logSettled(deps.log, shard, leaseId, claimed, ms);
  return claimed.length === batchMax;
}

/** A batch is the unit of work: its callbacks are named at `debug`, each of them with the batch that settled it. */
function logSettled(log: Logger, shard: number, batch_id: string, claimed: ClaimedCallback[], ms: number): void {
  log.info({ batch_id, shard, callbacks: claimed.length, ms: Math.round(ms * 10) / 10 }, "callbacks settled");
  if (!log.isLevelEnabled("debug")) return;
  for (const { id: callback_id, connectionId: connection_id, provider, channel } of claimed) {
    log.debug({ batch_id, callback_id, connection_id, provider, channel }, "callback settled");
  }
}

async function readAll(
  deps: SettleWorkerDeps,
  shard: number,
  leaseId: string,
  claimed: ClaimedCallback[],
): Promise<SettleItem[]> {
  const ids = [...new Set(claimed.map(c => c.connectionId))];
  const connections = new Map(
    await Promise.all(ids.map(async id => [id, await deps.directory.byId(shard, id)] as const)),
  );
  return claimed.map(c => {
    const connection = connections.get(c.connectionId);
    if (!connection) throw new Error(`callback ${c.id} belongs to no connection`);
    return readCallback(c, leaseId, connection, deps.providers.get(c.provider));
  });
}

/** A batch that fails is halved until the one poisonous callback is alone; that one goes to quarantine, its neighbours settle. */
async function settleHalving(deps: SettleWorkerDeps, shard: number, items: SettleItem[]): Promise<void> {
  try {
    deps.onSettled(shard, await settleBatch(deps, shard, items));
  } catch (error) {
    if (deps.isAway(error)) throw error;
    if (items.length > 1) {
      const middle = items.length >> 1;
      await settleHalving(deps, shard, items.slice(0, middle));
      await settleHalving(deps, shard, items.slice(middle));
      return;
    }
    const [item] = items as [SettleItem];
    deps.log.error(
      { err: error, callback_id: item.callback?.id },
      "a callback cannot be settled: it goes to quarantine",
    );
    const message = "Settling failed unexpectedly; the bytes are kept. Reprocess it after an update.";
    const poisoned: SettleItem = {
      ...item,
      evidence: [],
      messages: [],
      registration: null,
      problems: [{ path: "", message }],
    };
    deps.onSettled(shard, await settleBatch(deps, shard, [poisoned]));
  }
}
