import { isDeepStrictEqual } from "node:util";
import { type Event, partialRefundEventType, statusEventType, transactionEventBody } from "../../domain/events.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import type { Status } from "../../domain/kinds.ts";
import { isSameMoney } from "../../domain/money.ts";
import type { Review, Transaction } from "../../domain/transaction.ts";
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
 * is fixed: merges, the status, a refund of a part, a review that opens, changes or closes. An amount that was told
 * changes only with an event: where nothing else is to be told, the status is told again, as a correction.
 */
export function announce(change: AnnouncedChange, now: Date): { events: Event[]; sequence: number } {
  const { before, after, previousStatus, merged } = change;
  const events: Event[] = [];
  let sequence = before.sequence;
  let announcedStatus = previousStatus;

  /** `status`: the status that the event announces; null for an event about something else. */
  function add(type: string, status: Status | null, extra: Record<string, unknown> = {}, corrects = false): void {
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
      correction:
        corrects || (status === "completed" && (announcedStatus === "failed" || announcedStatus === "expired")),
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
  const partialRefund = partialRefundEventType(after);
  if (partialRefund !== null && after.refundedMinor > before.refundedMinor) add(partialRefund, null);
  if (after.review && isNews(after.review, before.review)) {
    const duplicateOf = after.review.duplicate_of;
    const extra = duplicateOf ? { duplicate_of: publicId("transaction", duplicateOf) } : {};
    add("transaction.review_required", null, extra);
  }
  if (!after.review && before.review) add("transaction.review_closed", null);
  if (events.length === 0 && before.sequence > 0 && isOtherMoney(before, after)) {
    add(statusEventType(after), after.status, {}, true);
  }
  return { events, sequence };
}

/** Whether a review tells more than the one before: another reason, other amounts or other transactions. */
function isNews(after: Review, before: Review | null): boolean {
  if (after.reason !== before?.reason) return true;
  // A review from before amounts were part of it says nothing new by naming them.
  if (before.related === undefined) return false;
  const told = ({ expected, told, related }: Review) => ({ expected, told, related });
  return !isDeepStrictEqual(told(after), told(before));
}

function isOtherMoney(before: Transaction, after: Transaction): boolean {
  if (before.amount === null || after.amount === null) return before.amount !== null;
  return !isSameMoney(before.amount, after.amount) || before.refundedMinor !== after.refundedMinor;
}
