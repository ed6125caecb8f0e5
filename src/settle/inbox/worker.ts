import { createShardRunner } from "../../batch/shard-runner.ts";
import { replaceConnections } from "../../database/reconnecting-client.ts";
import { isTimeout, withTimeout } from "../../database/unavailable.ts";
import { createHandedOver, type HandedOver, type HandOverBounds, type LeasedCallback } from "./handed-over.ts";
import { releaseClaim, releaseUnread, shardsDue } from "./inbox-store.ts";
import { leaseIdsOf, retryRelease, type SettleDueDeps, settleBatchMax, settleDue, settleLeased } from "./settle-due.ts";

export type SettleWorker = {
  /** Claims and settles the new callbacks of these shards. */
  wake(shards: Iterable<number>): void;
  /** Takes what this process keeps, to settle it without a claim. */
  handOver: Pick<HandedOver, "lease" | "kept" | "notKept">;
  /** Resolves once the batches under way have ended. No other batch starts. */
  drain(): Promise<void>;
};

const concurrencyMax = 2;
const scanEveryMs = 500;
const scanTimeoutMs = 5_000;
/** Below the lease of 30 s, after which another process may claim the batch and this one changes nothing more. */
const batchTimeoutMs = 10_000;
const giveBackMs = 2_000;

/**
 * Reads and settles callbacks, one shard to a batch: those that this process has just kept from memory, the others by
 * claims. The inbox writer of this process wakes it; callbacks of other processes are found by polling.
 */
export function startSettleWorker(deps: SettleDueDeps & { bounds?: HandOverBounds }): SettleWorker {
  const { sql, log, bounds } = deps;
  let isStopping = false;
  let isScanning = false;
  /** Shards with callbacks to claim. While there are any, new ones are claimed after them, not handed over. */
  const toClaim = new Set<number>();

  const handedOver = createHandedOver({
    mayTake: shard => !toClaim.has(shard),
    onKept(shards) {
      for (const shard of shards) runner.request(shard);
    },
    onNotKept(leaseId, shards, untilMs) {
      for (const shard of shards) void retryRelease(() => releaseClaim(sql, shard, leaseId), untilMs);
    },
    nowMs: () => performance.now(),
    ...(bounds && { bounds }),
  });

  const runner = createShardRunner(concurrencyMax, async shard => {
    if (isStopping) return;
    try {
      await withTimeout(settleNext(shard), batchTimeoutMs);
      if (handedOver.has(shard) || toClaim.has(shard)) runner.request(shard);
    } catch (error) {
      if (isTimeout(error)) replaceConnections(sql);
      if (!isStopping)
        log.warn({ err: error, shard }, "settling interrupted: the callbacks stay queued and are tried again");
      if (handedOver.has(shard)) runner.request(shard);
    }
  });

  async function settleNext(shard: number): Promise<void> {
    const leased = handedOver.take(shard, settleBatchMax);
    if (leased.length > 0) return await settleLeased(deps, shard, leased);
    if (!toClaim.delete(shard)) return;
    if (await settleDue(deps, shard)) toClaim.add(shard);
  }

  function claimSoon(shards: Iterable<number>): void {
    for (const shard of shards) {
      toClaim.add(shard);
      runner.request(shard);
    }
  }

  async function requestDueShards(): Promise<void> {
    // One at a time: queries must not pile up at a database that does not answer.
    if (isScanning) return;
    isScanning = true;
    try {
      claimSoon(await withTimeout(shardsDue(sql), scanTimeoutMs));
    } catch (error) {
      // Any other error is an unavailable database, which a later poll finds available again.
      if (isTimeout(error)) replaceConnections(sql);
    } finally {
      isScanning = false;
    }
  }
  const scanning = setInterval(requestDueShards, scanEveryMs).unref();

  /** Without the database the leases end with this process's name, or run out. */
  async function giveBack([shard, leased]: [number, LeasedCallback[]]): Promise<void> {
    const ids = leased.map(({ callback }) => callback.id);
    await withTimeout(releaseUnread(sql, shard, leaseIdsOf(leased), ids), giveBackMs).catch(() => {});
  }

  return {
    wake: claimSoon,
    handOver: handedOver,
    async drain() {
      isStopping = true;
      clearInterval(scanning);
      await Promise.all([...handedOver.close()].map(giveBack));
      await runner.idle();
    },
  };
}
