import type { Telemetry } from "../telemetry/telemetry.ts";
import { decideChanges } from "./apply/decide-changes.ts";
import { resultOf, type WrittenPart } from "./apply/result.ts";
import { type WrittenBatch, writeChanges } from "./apply/write-changes.ts";
import type { Batch, BatchResult, SettleDeps } from "./batch.ts";
import { isConcurrentUpdate } from "./concurrent-update.ts";
import { followingItems } from "./following-items.ts";
import { leaseItems } from "./inbox/lease-items.ts";
import type { RegistrationRefusal, SettleItem } from "./item.ts";
import { findOwners } from "./match/find-owners.ts";
import { groupItems } from "./match/group-items.ts";
import { lockAndMerge } from "./match/lock-and-merge.ts";
import { keyPhones } from "./phones/key-phones.ts";
import { RefusedRegistrations } from "./refused-registrations.ts";
import { splitByReference } from "./split-by-reference.ts";

const attemptsMax = 20;
/** What follows from items is followed by little: a payment's order that is paid by then ends a review in round 2. */
const followingRoundsMax = 4;

/**
 * Settles a batch of one shard in one database transaction: evidence, status, events and deliveries commit together or
 * not at all. The only place that changes a status. A batch that met a concurrent one starts again, at most 20 times; a
 * batch with registrations that are refused starts again without them.
 */
export async function settleBatch(deps: SettleDeps, shard: number, items: readonly SettleItem[]): Promise<BatchResult> {
  const startedMs = performance.now();
  const keyed = keyPhones(items, deps.phones);
  const refusals = new Map<SettleItem, RegistrationRefusal>();
  for (let attempt = 1; ; ) {
    try {
      const result = (await deps.sql.begin(tx =>
        settleInTransaction({ deps, tx, shard, items: keyed, refusals }),
      )) as BatchResult;
      publishSettled(deps.telemetry, shard, result, performance.now() - startedMs);
      return result;
    } catch (error) {
      if (error instanceof RefusedRegistrations) {
        for (const [item, refusal] of error.refusals) refusals.set(item, refusal);
      } else if (!isConcurrentUpdate(error) || attempt++ >= attemptsMax) throw error;
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

/**
 * Settles the items, then what follows from them for other transactions (a refund, a payment of another amount), as
 * items too.
 */
async function settleInTransaction(batch: Batch): Promise<BatchResult> {
  const parts: WrittenPart[] = [];
  for (const positions of splitByReference(batch.items)) {
    let written = await runStages({ ...batch, items: positions.map(position => batch.items[position]!) });
    parts.push({ batch: written, positions });
    for (let round = 1; round <= followingRoundsMax; round += 1) {
      const items = await followingItems(written);
      if (items.length === 0) break;
      written = await runStages({ ...batch, items });
      parts.push({ batch: written, positions: null });
    }
  }
  return resultOf(parts);
}

async function runStages(batch: Batch): Promise<WrittenBatch> {
  const leased = await leaseItems(batch);
  const grouped = groupItems(leased);
  const owned = await findOwners(grouped);
  const merged = await lockAndMerge(owned);
  const decided = await decideChanges(merged);
  return await writeChanges(decided);
}
