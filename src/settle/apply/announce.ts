import { type Event, statusEventType, transactionEventBody } from "../../domain/events.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import type { Status } from "../../domain/kinds.ts";
import type { Transaction } from "../../domain/transaction.ts";

/** What happened to a transaction in one batch, as far as telling it goes. */
export type StatusChange = {
  before: Transaction;
  after: Transaction;
  /** The status last told or shown; null for a transaction that a callback brought into being. */
  previousStatus: Status | null;
  /** A transaction that was merged into this one and had been told; `completed`: its `payment.completed` was. */
  merged: { from: string; toldCompleted: boolean }[];
};

/** The events of a change, numbered on from the transaction's last; `sequence` of the answer is the new last. */
export function announce(change: StatusChange, now: Date): { events: Event[]; sequence: number } {
  const { before, after, previousStatus, merged } = change;
  const events: Event[] = [];
  let sequence = before.sequence;
  let lastTold = previousStatus;
  const tell = (type: string, status: Status | null, extra: Record<string, unknown> = {}) => {
    sequence += 1;
    const id = newUuid(after.shard);
    const correction = status === "completed" && (lastTold === "failed" || lastTold === "expired");
    const body = transactionEventBody({
      eventId: id,
      type,
      at: now,
      transaction: after,
      previousStatus: lastTold,
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
    lastTold = status ?? lastTold;
  };

  // A merged transaction's `payment.completed` stands for the survivor's: the last merger tells the change of status.
  const toldByMerge = after.status === "completed" && merged.some(m => m.toldCompleted);
  for (const [at, { from }] of merged.entries()) {
    const tellsStatus = toldByMerge && at === merged.length - 1;
    tell("transaction.merged", tellsStatus ? after.status : null, {
      from: publicId("transaction", from),
      into: publicId("transaction", after.id),
    });
  }
  if (after.status !== previousStatus && !toldByMerge) tell(statusEventType(after), after.status);
  if (after.review && after.review.reason !== before.review?.reason) {
    const twin = after.review.duplicate_of;
    tell("transaction.review_required", null, twin ? { duplicate_of: publicId("transaction", twin) } : {});
  }
  if (!after.review && before.review) tell("transaction.review_closed", null);
  return { events, sequence };
}
