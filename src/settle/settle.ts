import { allSent } from "../database/sent-together.ts";
import { isUnavailable } from "../database/unavailable.ts";
import { dropOutgoing, handOverOutgoing, type Outgoing } from "../outbox/outgoing.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { decideChanges } from "./apply/decide-changes.ts";
import { resultOf, type WrittenPart } from "./apply/result.ts";
import { findSubscribersEarly, type WrittenBatch, writeChanges } from "./apply/write-changes.ts";
import type { Batch, BatchResult, SettleDeps } from "./batch.ts";
import { isConcurrentUpdate } from "./concurrent-update.ts";
import { followingItems } from "./following-items.ts";
import { leaseItems } from "./inbox/lease-items.ts";
import type { RegistrationRefusal, SettleItem } from "./item.ts";
import { findOwners, findOwnersEarly } from "./match/find-owners.ts";
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
    const outgoing: Outgoing[] = [];
    try {
      const parts = (await deps.sql.begin(tx =>
        settleInTransaction({ deps, tx, shard, items: keyed, refusals, outgoing }),
      )) as WrittenPart[];
      // Of a transaction whose statement failed a commit is a rollback, and no error of its own.
      await allSent(parts.map(({ batch }) => batch.written));
      const wake = await handOverOutgoing(outgoing, deps.deliveryHandOver?.() ?? null);
      const result = resultOf(parts, [...wake, ...parts.flatMap(({ batch }) => batch.alerted)]);
      publishSettled(deps.telemetry, shard, result, performance.now() - startedMs);
      return result;
    } catch (error) {
      dropOutgoing(outgoing, deps.deliveryHandOver?.() ?? null, isUnavailable(error));
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
async function settleInTransaction(batch: Batch): Promise<WrittenPart[]> {
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
  return parts;
}

async function runStages(batch: Batch): Promise<WrittenBatch> {
  const leasing = leaseItems(batch);
  const owners = findOwnersEarly(batch);
  const grouped = groupItems(await leasing);
  const owned = await findOwners(grouped, owners);
  const subscribers = findSubscribersEarly(owned);
  const merged = await lockAndMerge(owned);
  const decided = await decideChanges(merged);
  return await writeChanges(decided, subscribers);
}
