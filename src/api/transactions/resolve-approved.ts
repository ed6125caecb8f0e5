import { parseId, publicId } from "../../domain/ids.ts";
import type { FinalStatus } from "../../domain/kinds.ts";
import { resolveByOperator } from "../../settle/resolve.ts";
import type { ApprovedCall } from "../approvals/actions.ts";
import { recordAudit } from "../audit/record.ts";
import type { Caller } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { noSuch, type ProblemDetails } from "../problem.ts";
import { findTransaction, type ListedTransactionRow } from "./store.ts";

/** What an operator decides. */
export type Resolution = { status: FinalStatus; note: string };

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
  const after = { ...resolution, ...(approval && { asked_by: approval.askedBy }) };
  await db.transaction(tx => recordAudit(tx, caller, { ...entry, before: { status }, after }));
  const room = { sql, settle: settler.settle, connectionOf: directory.byId };
  await resolveByOperator(room, { shard, transactionId: id, ...resolution }, approval?.id);
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
