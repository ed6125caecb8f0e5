import { transactionTime } from "../../database/clock.ts";
import { releasePolls } from "../../schedule/queue-store.ts";
import type { Batch } from "../batch.ts";
import { type SettleItem, settleItem } from "../item.ts";
import { holdStarts } from "../starts/start-store.ts";
import { resolveMerged } from "../transaction-store.ts";
import { takeOffQueue } from "./inbox-store.ts";

/** A batch whose leases were checked. */
export type LeasedBatch = Batch & {
  /** Start of the database transaction, by the database's clock. */
  now: Date;
  /** By item: whether the lease of its callback, poll or start was lost. */
  lost: boolean[];
  /** By item: what settles of it. A lost or unreadable item is empty here. */
  settling: SettleItem[];
};

/**
 * Stage 1, by lease: takes the callbacks off the inbox and gives the polls back to the schedule with their next time.
 * An item whose lease another process took over meanwhile is lost: it changes nothing. Targets that were merged become
 * the transaction they were merged into.
 */
export async function leaseItems(batch: Batch): Promise<LeasedBatch> {
  const { tx, shard, items, refusals } = batch;
  const callbacks = items.flatMap(item => (item.callback?.leaseId ? [item.callback] : []));
  const polls = items.flatMap(item => item.poll ?? []);
  const starts = items.flatMap(item => item.start ?? []);
  const [now, heldCallbacks, heldPolls, heldStarts] = await Promise.all([
    transactionTime(tx),
    takeOffQueue(tx, shard, callbacks),
    releasePolls(tx, shard, polls),
    holdStarts(tx, shard, starts),
  ]);
  const lost = items.map(
    ({ callback, poll, start }) =>
      (callback !== null && callback.leaseId !== null && !heldCallbacks.has(callback.id)) ||
      (poll !== null && !heldPolls.has(poll.leaseId)) ||
      (start !== null && !heldStarts.has(start.leaseId)),
  );
  const targets = items.flatMap(item => item.target ?? []);
  const mergedInto = await resolveMerged(tx, shard, targets);
  const settling = items.map((item, position) => {
    if (lost[position] || item.problems.length > 0 || refusals.has(item)) return settleItem(item.connection, {});
    return { ...item, target: item.target && (mergedInto.get(item.target) ?? item.target) };
  });
  return { ...batch, now, lost, settling };
}
