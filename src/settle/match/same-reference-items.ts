import { openSameReferences } from "../../domain/decide/same-reference.ts";
import type { SameReference } from "../../domain/evidence.ts";
import type { TransactionChange } from "../apply/transaction-change.ts";
import type { WrittenBatch } from "../apply/write-changes.ts";
import { type SettleItem, settleItem } from "../item.ts";
import { sameReferenceEndedEvidence, sameReferenceEvidence } from "./same-reference.ts";

/**
 * What the changes of a batch mean for other transactions with the same reference and another amount: a payment learns
 * of its order and an order of its payments, payments learn of an amended order, and that their order was paid or
 * resolved.
 */
export function sameReferenceItems({ changes, now }: WrittenBatch): SettleItem[] {
  return changes.flatMap(change => [
    ...mirrored(change, now),
    ...amendedOrders(change, now),
    ...endedOrders(change, now),
  ]);
}

/** The other side of new evidence. */
function mirrored(change: TransactionChange, now: Date): SettleItem[] {
  const { fresh, known } = change.update;
  return fresh.flatMap(({ id, sameReference: other }) => {
    const isKnown = known.some(e => e.id === id);
    return other === undefined || other.mirrored || isKnown ? [] : aboutItself(change, other, other.revision, now);
  });
}

/** Tells the payments of an order its new amount. */
function amendedOrders(change: TransactionChange, now: Date): SettleItem[] {
  const isAmended = change.registered.some(({ amended }) => amended !== null);
  if (!isAmended) return [];
  const revision = change.after.registration?.revision ?? 0;
  return paymentsOf(change).flatMap(other => aboutItself(change, other, revision, now));
}

/** Evidence for another transaction about this one. */
function aboutItself(
  { update: { connection }, after }: TransactionChange,
  { transactionId: target, role }: SameReference,
  revision: number,
  now: Date,
): SettleItem[] {
  const own = role === "order" ? "payment" : "order";
  const amount = own === "order" ? after.registration?.amount : after.amount;
  if (!amount) return [];
  const about = { transactionId: after.id, role: own, amount, revision, mirrored: true } as const;
  return [settleItem(connection, { target, evidence: [sameReferenceEvidence(after.kind, about, now)] })];
}

/** An order that is paid or resolved ends the reviews of its payments. */
function endedOrders(change: TransactionChange, now: Date): SettleItem[] {
  const { update, after } = change;
  const isEnded = (t: Pick<typeof after, "status" | "statusSource">) =>
    t.status === "completed" || t.status === "refunded" || t.statusSource === "operator";
  const isNews = !isEnded(update.before) || update.fresh.some(e => e.sameReference?.role === "payment");
  if (!isEnded(after) || !isNews) return [];
  return paymentsOf(change).map(({ transactionId: target }) =>
    settleItem(update.connection, { target, evidence: [sameReferenceEndedEvidence(after.kind, after.id, now)] }),
  );
}

function paymentsOf({ update: { known, fresh } }: TransactionChange): SameReference[] {
  return openSameReferences([...known, ...fresh]).filter(({ role }) => role === "payment");
}
