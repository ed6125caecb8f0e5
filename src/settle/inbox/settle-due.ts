import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { halve } from "../../batch/halve.ts";
import type { Connection } from "../../connections/connection.ts";
import type { Directory } from "../../connections/directory.ts";
import { newLeaseId } from "../../database/lease-ids.ts";
import { isUnavailable, withTimeout } from "../../database/unavailable.ts";
import { channelOf } from "../../providers/channels.ts";
import type { BatchResult, SettleDeps } from "../batch.ts";
import { type SettleItem, settleItem } from "../item.ts";
import { settleBatch } from "../settle.ts";
import type { LeasedCallback } from "./handed-over.ts";
import { claimCallbacks, leaseS, releaseCallbacks, releaseClaim } from "./inbox-store.ts";
import { type ReadItem, readCallback } from "./read.ts";
import { checkReceiversAgain } from "./receivers-again.ts";
import { markRefusedValidations } from "./refused-validations.ts";

export type SettleDueDeps = SettleDeps & {
  directory: Directory;
  log: Logger;
  /** Called after each commit: endpoints have new deliveries, transactions are to be polled at once. */
  onSettled: (shard: number, result: BatchResult) => void;
};

/** Callbacks in one batch. */
export const settleBatchMax = 100;
const releaseEveryMs = 500;
const releaseTimeoutMs = 3_000;

/** Claims and settles one batch of a shard. Returns whether more callbacks may be due. Rejects where it fails. */
export async function settleDue(deps: SettleDueDeps, shard: number): Promise<boolean> {
  const { sql } = deps;
  const leaseId = newLeaseId();
  const leasedUntilMs = performance.now() + leaseS * 1000;
  const claimed = await claimCallbacks(sql, shard, leaseId, settleBatchMax).catch((error: unknown) => {
    void retryRelease(() => releaseClaim(sql, shard, leaseId), leasedUntilMs);
    throw error;
  });
  if (claimed.length === 0) return false;
  await settleLeased(
    deps,
    shard,
    claimed.map(callback => ({ callback, leaseId })),
  );
  return claimed.length === settleBatchMax;
}

/** Settles callbacks of one shard that this process has leased. What it cannot settle it gives back. */
export async function settleLeased(deps: SettleDueDeps, shard: number, leased: LeasedCallback[]): Promise<void> {
  const { sql, telemetry } = deps;
  const startedMs = performance.now();
  const release = (some: LeasedCallback[]) => {
    const ids = some.map(({ callback }) => callback.id);
    void retryRelease(() => releaseCallbacks(sql, shard, leaseIdsOf(some), ids), startedMs + leaseS * 1000);
  };
  let settled = leased;
  try {
    const { read, unopened } = await readAll(deps, shard, leased);
    await settleAll(
      deps,
      shard,
      read.map(({ item }) => item),
    );
    if (unopened.length > 0) release(unopened);
    settled = leased.filter(each => !unopened.includes(each));
    await checkReceiversAgain(deps, shard, read);
  } catch (error) {
    release(leased);
    throw error;
  }
  telemetry.publish("batch.read", () => ({
    batchId: leased[0]!.leaseId,
    shard,
    callbacks: settled.map(({ callback: { id, connectionId, provider, channel } }) => {
      // The name of a channel that does not exist is the sender's, and may hold a secret.
      const isKnown = channelOf(deps.providers.get(provider), channel) !== null;
      return { id, connectionId, provider, channel: isKnown ? channel : "unknown" };
    }),
    ms: performance.now() - startedMs,
  }));
}

export function leaseIdsOf(leased: readonly LeasedCallback[]): string[] {
  return [...new Set(leased.map(({ leaseId }) => leaseId))];
}

/**
 * Tries to give callbacks back until their lease expires anyway. A database that is unavailable for a second then
 * delays them by about a second, not by the 30 s of the lease.
 */
export async function retryRelease(release: () => Promise<void>, untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    try {
      return await withTimeout(release(), releaseTimeoutMs);
    } catch {
      await pause(releaseEveryMs, undefined, { ref: false });
    }
  }
}

/** `unopened`: callbacks whose connection cannot be opened (a key is missing). They wait; the others settle. */
async function readAll(
  deps: SettleDueDeps,
  shard: number,
  leased: LeasedCallback[],
): Promise<{ read: ReadItem[]; unopened: LeasedCallback[] }> {
  const connections = await openConnections(deps, shard, new Set(leased.map(each => each.callback.connectionId)));
  const read = leased.flatMap(({ callback, leaseId }) => {
    const connection = connections.get(callback.connectionId);
    const provider = deps.providers.get(callback.provider);
    return connection ? [{ claimed: callback, item: readCallback(callback, leaseId, connection, provider) }] : [];
  });
  return {
    read: await markRefusedValidations(deps, shard, read),
    unopened: leased.filter(({ callback }) => !connections.has(callback.connectionId)),
  };
}

async function openConnections(
  { directory, log }: SettleDueDeps,
  shard: number,
  ids: Set<string>,
): Promise<Map<string, Connection>> {
  const opened = new Map<string, Connection>();
  const open = async (id: string) => {
    try {
      const connection = await directory.byId(shard, id);
      if (!connection) throw new Error("there is no such connection");
      opened.set(id, connection);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      log.error({ err: error, connection_id: id }, "connection cannot be opened: its callbacks wait");
    }
  };
  await Promise.all([...ids].map(open));
  return opened;
}

/** Settles the items in one batch. Where it fails, the callback at fault is quarantined, and the others settle. */
async function settleAll(deps: SettleDueDeps, shard: number, items: SettleItem[]): Promise<void> {
  const settle = async (batch: SettleItem[]) => deps.onSettled(shard, await settleBatch(deps, shard, batch));
  await halve(items, {
    write: settle,
    refuse: ({ connection, callback }, error) => {
      deps.log.error({ err: error, callback_id: callback?.id }, "callback cannot be settled: quarantined");
      const message = "Settling failed unexpectedly. The bytes are stored: reprocess the callback after an update.";
      return settle([settleItem(connection, { callback, problems: [{ path: "", message }] })]);
    },
    isUnavailable,
  });
}
