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
import { answerLookups } from "./answer-lookups.ts";
import { type ClaimedCallback, claimCallbacks, leaseS, releaseCallbacks, releaseClaim } from "./inbox-store.ts";
import { type ReadItem, readCallback } from "./read.ts";
import { checkReceiversAgain } from "./receivers-again.ts";
import { markRefusedValidations } from "./refused-validations.ts";

export type SettleDueDeps = SettleDeps & {
  directory: Directory;
  log: Logger;
  /** Called after each commit: endpoints have new deliveries, transactions are to be polled at once. */
  onSettled: (shard: number, result: BatchResult) => void;
};

const batchMax = 100;
const releaseEveryMs = 500;
const releaseTimeoutMs = 3_000;

/** Claims and settles one batch of a shard. Returns whether more callbacks may be due. Rejects where it fails. */
export async function settleDue(deps: SettleDueDeps, shard: number): Promise<boolean> {
  const { sql, telemetry } = deps;
  const batchId = newLeaseId();
  const leasedUntilMs = performance.now() + leaseS * 1000;
  const claimed = await claimCallbacks(sql, shard, batchId, batchMax).catch((error: unknown) => {
    void retryRelease(() => releaseClaim(sql, shard, batchId), leasedUntilMs);
    throw error;
  });
  if (claimed.length === 0) return false;
  const startedMs = performance.now();
  const release = (callbacks: ClaimedCallback[]) => {
    const ids = callbacks.map(callback => callback.id);
    void retryRelease(() => releaseCallbacks(sql, shard, batchId, ids), leasedUntilMs);
  };
  let settled = claimed;
  try {
    const { read, unopened } = await readAll(deps, shard, batchId, claimed);
    await settleAll(
      deps,
      shard,
      read.map(({ item }) => item),
    );
    if (unopened.length > 0) release(unopened);
    settled = read.map(each => each.claimed);
    await checkReceiversAgain(deps, shard, read);
  } catch (error) {
    release(claimed);
    throw error;
  }
  telemetry.publish("batch.read", () => ({
    batchId,
    shard,
    callbacks: settled.map(({ id, connectionId, provider, channel }) => {
      // The name of a channel that does not exist is the sender's, and may hold a secret.
      const isKnown = channelOf(deps.providers.get(provider), channel) !== null;
      return { id, connectionId, provider, channel: isKnown ? channel : "unknown" };
    }),
    ms: performance.now() - startedMs,
  }));
  return claimed.length === batchMax;
}

/**
 * Tries to give callbacks back until their lease expires anyway. A database that is unavailable for a second then
 * delays them by about a second, not by the 30 s of the lease.
 */
async function retryRelease(release: () => Promise<void>, untilMs: number): Promise<void> {
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
  leaseId: string,
  claimed: ClaimedCallback[],
): Promise<{ read: ReadItem[]; unopened: ClaimedCallback[] }> {
  const connections = await openConnections(deps, shard, new Set(claimed.map(callback => callback.connectionId)));
  const read = claimed.flatMap(callback => {
    const connection = connections.get(callback.connectionId);
    const provider = deps.providers.get(callback.provider);
    return connection ? [{ claimed: callback, item: readCallback(callback, leaseId, connection, provider) }] : [];
  });
  return {
    read: await answerLookups(deps, shard, await markRefusedValidations(deps, shard, read)),
    unopened: claimed.filter(callback => !connections.has(callback.connectionId)),
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
