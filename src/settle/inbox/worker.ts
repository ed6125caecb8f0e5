import { createShardRunner } from "../../batch/shard-runner.ts";
import { replaceConnections } from "../../database/reconnecting-client.ts";
import { isTimeout, withTimeout } from "../../database/unavailable.ts";
import { shardsDue } from "./inbox-store.ts";
import { type SettleDueDeps, settleDue } from "./settle-due.ts";

export type SettleWorker = {
  /** Reads and settles the new callbacks of these shards. */
  wake(shards: Iterable<number>): void;
  /** Resolves once the batches under way have ended. No other batch starts. */
  drain(): Promise<void>;
};

const concurrencyMax = 2;
const scanEveryMs = 500;
const scanTimeoutMs = 5_000;
/** Below the lease of 30 s, after which another process may claim the batch and this one changes nothing more. */
const batchTimeoutMs = 10_000;

/**
 * Reads and settles callbacks, one shard to a batch. The inbox writer of this process wakes it; callbacks of other
 * processes are found by polling.
 */
export function startSettleWorker(deps: SettleDueDeps): SettleWorker {
  const { sql, log } = deps;
  let isStopping = false;
  let isScanning = false;

  const runner = createShardRunner(concurrencyMax, async shard => {
    if (isStopping) return;
    try {
      const mayHaveMore = await withTimeout(settleDue(deps, shard), batchTimeoutMs);
      if (mayHaveMore) runner.request(shard);
    } catch (error) {
      if (isTimeout(error)) replaceConnections(sql);
      if (!isStopping)
        log.warn({ err: error, shard }, "settling interrupted: the callbacks stay queued and are tried again");
    }
  });

  async function requestDueShards(): Promise<void> {
    // One at a time: queries must not pile up at a database that does not answer.
    if (isScanning) return;
    isScanning = true;
    try {
      for (const shard of await withTimeout(shardsDue(sql), scanTimeoutMs)) runner.request(shard);
    } catch (error) {
      // Any other error is an unavailable database, which a later poll finds available again.
      if (isTimeout(error)) replaceConnections(sql);
    } finally {
      isScanning = false;
    }
  }
  const scanning = setInterval(requestDueShards, scanEveryMs).unref();

  return {
    wake(shards) {
      for (const shard of shards) runner.request(shard);
    },
    async drain() {
      isStopping = true;
      clearInterval(scanning);
      await runner.idle();
    },
  };
}
