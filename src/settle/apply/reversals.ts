import type { Connection } from "../../connections/connection.ts";
import type { Tx } from "../../database/connect.ts";
import type { Evidence } from "../../domain/evidence.ts";
import { digestUuid } from "../../domain/ids.ts";
import type { Transaction } from "../../domain/transaction.ts";
import { type SettleItem, settleItem } from "../item.ts";
import { type Group, isReceipt } from "../match/group.ts";
import type { TransactionUpdate } from "../match/merge-transactions.ts";
import { insertReversals, type Reversal, receiptOwners, reversalsOfReceipts } from "./reversals-store.ts";

/** Completed reversals of the receipts that a batch learns. After their keys were claimed: see `receiptOwners` for why. */
export async function reversalsOf(tx: Tx, shard: number, groups: Group[]): Promise<Reversal[]> {
  const receipts = groups.flatMap(group =>
    [...new Set(group.evidence.flatMap(e => e.identity))]
      .filter(isReceipt)
      .map(receipt => ({ connectionId: group.connection.id, receipt })),
  );
  return receipts.length === 0 ? [] : reversalsOfReceipts(tx, shard, receipts);
}

/** The reversal came first: the payment learns that it was given back with its receipt. */
export function giveBack(subjects: TransactionUpdate[], reversals: Reversal[], now: Date): void {
  for (const reversal of reversals) {
    const payment = subjects.find(
      ({ connection, before, fresh }) =>
        connection.id === reversal.connectionId &&
        before.id !== reversal.transactionId &&
        !fresh.some(e => e.duplicateOf !== undefined) &&
        fresh.some(e => e.identity.includes(reversal.receipt)),
    );
    payment?.fresh.push(refund(payment.before, reversal, now));
  }
}

/** The payment came first: what a batch's reversals, completed just now, say of it, as items to settle next. */
export async function reversedBy(
  tx: Tx,
  shard: number,
  steps: { subject: TransactionUpdate; after: Transaction }[],
  now: Date,
): Promise<SettleItem[]> {
  const connections = new Map<string, Connection>();
  const completed = steps.flatMap(({ subject, after }) => {
    const justNow = after.status === "completed" && (subject.isNew || subject.before.status !== "completed");
    if (after.kind !== "reversal" || !justNow) return [];
    connections.set(subject.connection.id, subject.connection);
    const named = [...subject.known, ...subject.fresh].flatMap(e => (e.says === "completed" ? (e.reverses ?? []) : []));
    return [...new Set(named)].map(
      (receipt): Reversal => ({
        connectionId: after.connectionId,
        receipt: `receipt:${receipt.trim().toUpperCase()}`,
        transactionId: after.id,
        source: after.statusSource,
        strength: strongest(subject, after.statusSource),
      }),
    );
  });
  if (completed.length === 0) return [];
  await insertReversals(tx, shard, completed);
  const owners = await receiptOwners(tx, shard, completed);
  return completed.flatMap(reversal => {
    const payment = owners.find(o => o.connectionId === reversal.connectionId && o.key === reversal.receipt);
    if (payment === undefined || payment.transactionId === reversal.transactionId) return [];
    const evidence = [refund({ id: payment.transactionId, kind: "c2b" }, reversal, now)];
    const connection = connections.get(reversal.connectionId)!;
    return [settleItem(connection, { target: payment.transactionId, evidence })];
  });
}

function strongest(subject: TransactionUpdate, source: Evidence["source"]): Evidence["strength"] {
  return (
    [...subject.known, ...subject.fresh].find(e => e.source === source && e.says === "completed")?.strength ?? "hint"
  );
}

function refund(payment: Pick<Transaction, "id" | "kind">, reversal: Reversal, now: Date): Evidence {
  return {
    id: digestUuid(`reversed|${payment.id}|${reversal.transactionId}`),
    source: reversal.source,
    strength: reversal.strength,
    callbackId: null,
    reading: 1,
    learntAt: now,
    kind: payment.kind,
    says: "refunded",
    refs: {},
    identity: [],
    reversedBy: reversal.transactionId,
  };
}
