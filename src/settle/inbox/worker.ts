import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { Connection } from "../../connections/connection.ts";
import type { Directory } from "../../connections/directory.ts";
import { replaceConnections } from "../../database/reconnecting-client.ts";
import { isTimeout, isUnavailable, withTimeout } from "../../database/unavailable.ts";
import type { BatchResult, SettleDeps } from "../batch.ts";
import { type SettleItem, settleItem } from "../item.ts";
import { settleBatch } from "../settle.ts";
import { type ClaimedCallback, claimCallbacks, releaseCallbacks, releaseClaim, shardsDue } from "./inbox-store.ts";
import { readCallback } from "./read.ts";

export type SettleWorkerDeps = SettleDeps & {
  directory: Directory;
  log: Logger;
  /** Told after each commit: endpoints to deliver to, transactions to ask about at once. */
  onSettled: (shard: number, result: BatchResult) => void;
};

export type SettleWorker = {
  /** Something was kept in these shards. */
  wake(shards: Iterable<number>): void;
  drain(): Promise<void>;
};

const batchMax = 100;
const concurrencyMax = 2;
const pollEveryMs = 500;
/** Below the lease (30 s), after which another holder may have the batch: what this one still does changes nothing. */
const batchMs = 10_000;
const leaseMs = 30_000;
const lookMs = 5_000;
const releaseMs = 3_000;

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
      const more = await withTimeout(settleDue(deps, shard), batchMs);
      if (more) pending.add(shard);
    } catch (error) {
      if (isTimeout(error)) replaceConnections(sql);
      if (!stopping) log.warn({ err: error, shard }, "settling is interrupted; it goes on with a later poll");
    }
  }

  let looking = false;
  const poll = setInterval(async () => {
    // One at a time: questions to a database that hangs must not pile up.
    if (looking) return;
    looking = true;
    try {
      for (const shard of await withTimeout(shardsDue(sql), lookMs)) pending.add(shard);
      kick();
    } catch (error) {
      // The database is away: the next poll finds it.
      if (isTimeout(error)) replaceConnections(sql);
    } finally {
      looking = false;
    }
  }, pollEveryMs).unref();

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
  const soon = (release: () => Promise<void>) => void repeatWhileLeased(release, performance.now() + leaseMs);
  const claimed = await claimCallbacks(deps.sql, shard, leaseId, batchMax).catch((error: unknown) => {
    soon(() => releaseClaim(deps.sql, shard, leaseId));
    throw error;
  });
  if (claimed.length === 0) return false;
  const started = performance.now();
  const release = (some: ClaimedCallback[]) => {
    const ids = some.map(c => c.id);
    soon(() => releaseCallbacks(deps.sql, shard, leaseId, ids));
  };
  try {
    const { items, unread } = await readAll(deps, shard, leaseId, claimed);
    await settleHalving(deps, shard, items);
    if (unread.length > 0) release(unread);
  } catch (error) {
    release(claimed);
    throw error;
  }
  const ms = performance.now() - started;
  deps.telemetry.publish("batch.read", () => ({
    batchId: leaseId,
    shard,
    callbacks: claimed.map(({ id, connectionId, provider, channel }) => ({ id, connectionId, provider, channel })),
    ms,
  }));
  return claimed.length === batchMax;
}

/** Tried until the lease is over anyway: whoever finds its database back after a second must not wait for half a minute. */
async function repeatWhileLeased(release: () => Promise<void>, untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    try {
      return await withTimeout(release(), releaseMs);
    } catch {
      await pause(pollEveryMs, undefined, { ref: false });
    }
  }
}

/** `unread`: their connections cannot be opened (a key is missing); they wait, and their neighbours do not. */
async function readAll(
  deps: SettleWorkerDeps,
  shard: number,
  leaseId: string,
  claimed: ClaimedCallback[],
): Promise<{ items: SettleItem[]; unread: ClaimedCallback[] }> {
  const connections = await openAll(deps, shard, new Set(claimed.map(c => c.connectionId)));
  return {
    items: claimed.flatMap(c => {
      const connection = connections.get(c.connectionId);
      return connection ? [readCallback(c, leaseId, connection, deps.providers.get(c.provider))] : [];
    }),
    unread: claimed.filter(c => !connections.has(c.connectionId)),
  };
}

async function openAll(deps: SettleWorkerDeps, shard: number, ids: Set<string>): Promise<Map<string, Connection>> {
  const opened = new Map<string, Connection>();
  const open = async (id: string) => {
    try {
      const connection = await deps.directory.byId(shard, id);
      if (!connection) throw new Error("there is no such connection");
      opened.set(id, connection);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      deps.log.error({ err: error, connection_id: id }, "a connection cannot be opened: its callbacks wait");
    }
  };
  await Promise.all([...ids].map(open));
  return opened;
}

/** A batch that fails is halved until the one poisonous callback is alone; that one goes to quarantine, its neighbours settle. */
async function settleHalving(deps: SettleWorkerDeps, shard: number, items: SettleItem[]): Promise<void> {
  if (items.length === 0) return;
  try {
    deps.onSettled(shard, await settleBatch(deps, shard, items));
  } catch (error) {
    if (isUnavailable(error)) throw error;
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
    const quarantined = settleItem(item.connection, { callback: item.callback, problems: [{ path: "", message }] });
    deps.onSettled(shard, await settleBatch(deps, shard, [quarantined]));
  }
}
