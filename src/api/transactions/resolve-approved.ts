import { parseId, publicId } from "../../domain/ids.ts";
import type { FinalStatus } from "../../domain/kinds.ts";
import { type Money, parseAmount } from "../../domain/money.ts";
import { maskPhonesIn } from "../../domain/phone.ts";
import type { MoneyJson } from "../../domain/transaction.ts";
import { resolveByOperator } from "../../settle/resolve.ts";
import type { ApprovedCall } from "../approvals/actions.ts";
import { recordAudit } from "../audit/record.ts";
import type { Caller } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { noSuch, type ProblemDetails } from "../problem.ts";
import { findTransaction, type ListedTransactionRow } from "./store.ts";

/**
 * What an operator decides, as JSON: an approval keeps it. `paid` is what was really paid, where the operator says so.
 */
export type Resolution = { status: FinalStatus; note: string; paid: MoneyJson | null };

/** `approval`: its UUID and who asked; it makes the decision one that may be carried out again. */
type Approved = Pick<ApprovedCall, "id" | "askedBy">;

/** Settles an operator's decision. Its audit entry is written first: the decision is settled in a batch with others. */
export async function decideTransaction(
  caller: Caller,
  row: ListedTransactionRow,
  resolution: Resolution,
  { db, sql, settler, directory }: ApiDeps,
  approval?: Approved,
): Promise<void> {
  const { shard, id, merchantId, status } = row;
  const entry = { shard, merchantId, action: "transaction.resolved", subject: publicId("transaction", id) } as const;
  const { paid, ...said } = resolution;
  const note = maskPhonesIn(said.note);
  const after = { ...said, note, ...paid, ...(approval && { asked_by: approval.askedBy }) };
  const amount = paid && readMoney(paid);
  await db.transaction(tx => recordAudit(tx, caller, { ...entry, before: { status }, after }));
  const room = { sql, settle: settler.settle, connectionOf: directory.byId };
  await resolveByOperator(room, { shard, transactionId: id, ...said, amount }, approval?.id);
}

function readMoney({ amount, currency }: MoneyJson): Money {
  const parsed = parseAmount(amount, currency);
  if (!parsed.ok) throw new Error(`an amount that was checked cannot be read: ${parsed.message}`);
  return parsed.money;
}

/** Carries out a decision that a second person approved. */
export async function resolveApproved(
  { subject, request, ...approval }: ApprovedCall,
  approver: Caller,
  deps: ApiDeps,
): Promise<ProblemDetails | null> {
  const id = parseId("transaction", subject);
  const row = id && (await findTransaction(deps.db, id, null));
  if (!row) return noSuch("transaction");
  await decideTransaction(approver, row, request as Resolution, deps, approval);
  return null;
}
