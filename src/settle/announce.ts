import { type Event, statusEventType, transactionEventBody } from "../domain/events.ts";
import { newUuid, publicId } from "../domain/ids.ts";
import type { Status } from "../domain/kinds.ts";
import type { Transaction } from "../domain/transaction.ts";

/** What happened to a transaction in one batch, as far as telling it goes. */
export type Change = {
  before: Transaction;
  after: Transaction;
  /** The status last told or shown; null for a transaction that a callback brought into being. */
  previousStatus: Status | null;
  /** A transaction that was merged into this one and had been told; `completed`: its `payment.completed` was. */
  merged: { from: string; toldCompleted: boolean }[];
};

/** The events of a change, numbered on from the transaction's last; `sequence` of the answer is the new last. */
export function announce(change: Change, now: Date): { events: Event[]; sequence: number } {
  const { before, after, previousStatus, merged } = change;
  const events: Event[] = [];
  let sequence = before.sequence;
  const tell = (type: string, extra: Record<string, unknown> = {}) => {
    sequence += 1;
    const id = newUuid(after.shard);
    const correction = after.status === "completed" && (previousStatus === "failed" || previousStatus === "expired");
    const body = transactionEventBody({
      eventId: id,
      type,
      at: now,
      transaction: after,
      previousStatus,
      sequence,
      correction,
      extra,
    });
    events.push({
      shard: after.shard,
      id,
      merchantId: after.merchantId,
      type,
      transactionId: after.id,
      sequence,
      body,
    });
  };

  for (const { from } of merged) {
    tell("transaction.merged", { from: publicId("transaction", from), into: publicId("transaction", after.id) });
  }
  const toldByMerge = after.status === "completed" && merged.some(m => m.toldCompleted);
  if (after.status !== previousStatus && !toldByMerge) tell(statusEventType(after));
  if (after.review && after.review.reason !== before.review?.reason) {
    const twin = after.review.duplicate_of;
    tell("transaction.review_required", twin ? { duplicate_of: publicId("transaction", twin) } : {});
  }
  if (!after.review && before.review) tell("transaction.review_closed");
  return { events, sequence };
}
