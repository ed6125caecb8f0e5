import type { Telemetry } from "../telemetry/telemetry.ts";
import { decideChanges } from "./apply/decide-changes.ts";
import { resultOf } from "./apply/result.ts";
import { type WrittenBatch, writeChanges } from "./apply/write-changes.ts";
import type { Batch, BatchResult, SettleDeps } from "./batch.ts";
import { isConcurrentUpdate } from "./concurrent-update.ts";
import { leaseItems } from "./inbox/lease-items.ts";
import type { SettleItem } from "./item.ts";
import { findOwners } from "./match/find-owners.ts";
import { groupItems } from "./match/group-items.ts";
import { lockAndMerge } from "./match/lock-and-merge.ts";
import { refundItems } from "./refunds/refund-items.ts";

const attemptsMax = 20;

/**
 * Settles a batch of one shard in one database transaction: evidence, status, events and deliveries commit together or
 * not at all. The only place that changes a status. A batch that met a concurrent one starts again, at most 20 times.
 */
export async function settleBatch(deps: SettleDeps, shard: number, items: readonly SettleItem[]): Promise<BatchResult> {
  const startedMs = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      const result = (await deps.sql.begin(tx => settleInTransaction({ deps, tx, shard, items }))) as BatchResult;
      publishSettled(deps.telemetry, shard, result, performance.now() - startedMs);
      return result;
    } catch (error) {
      if (!isConcurrentUpdate(error) || attempt >= attemptsMax) throw error;
    }
  }
}

function publishSettled(telemetry: Telemetry, shard: number, { settled, events }: BatchResult, ms: number): void {
  telemetry.publish("batch.settled", () => ({
    shard,
    settled,
    events: events.map(({ id, type, transactionId }) => ({ id, type, transactionId })),
    ms,
  }));
}

/** Reversals that complete in a batch refund payments of other batches, so those payments settle next, as items. */
async function settleInTransaction(batch: Batch): Promise<BatchResult> {
  const written = await runStages(batch);
  const refunds = await refundItems(written);
  if (refunds.length === 0) return resultOf([written]);
  return resultOf([written, await runStages({ ...batch, items: refunds })]);
}

async function runStages(batch: Batch): Promise<WrittenBatch> {
  const leased = await leaseItems(batch);
  const grouped = groupItems(leased);
  const owned = await findOwners(grouped);
  const merged = await lockAndMerge(owned);
  const decided = await decideChanges(merged);
  return await writeChanges(decided);
}
