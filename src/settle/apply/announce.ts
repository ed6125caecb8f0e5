import { type Event, statusEventType, transactionEventBody } from "../../domain/events.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import type { Status } from "../../domain/kinds.ts";
import type { Transaction } from "../../domain/transaction.ts";
import type { MergedAnnouncement } from "../match/transaction-update.ts";

/** What a batch changed of a transaction, as far as its events need it. */
export type AnnouncedChange = {
  before: Transaction;
  after: Transaction;
  /** The status last announced or shown; null for a transaction that a callback created. */
  previousStatus: Status | null;
  /** The transactions that were merged into it, of which events had been sent. */
  merged: MergedAnnouncement[];
};

/**
 * The events of a change, numbered on from the transaction's last event. `sequence` is the new last number. The order
 * is fixed: merges, the status, a review that opens or closes.
 */
export function announce(change: AnnouncedChange, now: Date): { events: Event[]; sequence: number } {
  const { before, after, previousStatus, merged } = change;
  const events: Event[] = [];
  let sequence = before.sequence;
  let announcedStatus = previousStatus;

  /** `status`: the status that the event announces; null for an event about something else. */
  function add(type: string, status: Status | null, extra: Record<string, unknown> = {}): void {
    sequence += 1;
    const { shard, merchantId, id: transactionId } = after;
    const id = newUuid(shard);
    const body = transactionEventBody({
      eventId: id,
      type,
      at: now,
      transaction: after,
      previousStatus: announcedStatus,
      sequence,
      correction: status === "completed" && (announcedStatus === "failed" || announcedStatus === "expired"),
      extra,
    });
    events.push({ shard, id, merchantId, type, transactionId, sequence, environment: after.environment, body });
    announcedStatus = status ?? announcedStatus;
  }

  // Where `payment.completed` was sent for a merged transaction, the last `transaction.merged` stands for a second one.
  const mergeAnnouncesStatus = after.status === "completed" && merged.some(m => m.announcedCompleted);
  for (const [position, { from }] of merged.entries()) {
    const isLast = position === merged.length - 1;
    const ids = { from: publicId("transaction", from), into: publicId("transaction", after.id) };
    add("transaction.merged", mergeAnnouncesStatus && isLast ? after.status : null, ids);
  }
  if (after.status !== previousStatus && !mergeAnnouncesStatus) add(statusEventType(after), after.status);
  if (after.review && after.review.reason !== before.review?.reason) {
    const duplicateOf = after.review.duplicate_of;
    const extra = duplicateOf ? { duplicate_of: publicId("transaction", duplicateOf) } : {};
    add("transaction.review_required", null, extra);
  }
  if (!after.review && before.review) add("transaction.review_closed", null);
  return { events, sequence };
}
