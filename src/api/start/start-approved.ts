import { claimWaiting, isBegun, leaveWaiting } from "../../start/key-store.ts";
import { prepareOrder } from "../../start/order.ts";
import { runStart } from "../../start/run-start.ts";
import type { ApprovedCall } from "../approvals/actions.ts";
import type { Caller } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { conflict, type ProblemDetails } from "../problem.ts";
import { readStart } from "./read-start.ts";
import { type ApprovalRequest, refusedBefore, refusedRegistration } from "./start-transaction.ts";

/** Carries out a start that a second person approved. A start that was carried out already changes nothing more. */
export async function startApproved(
  { request }: ApprovedCall,
  _approver: Caller,
  deps: ApiDeps,
): Promise<ProblemDetails | null> {
  const { path, body, startId, by } = request as ApprovalRequest;
  const read = await readStart(path, body, null, deps);
  if (read.kind === "problem") return read;
  const { account, order } = read;
  const { shard } = account.connection;
  const start = await claimWaiting(deps.sql, shard, startId);
  if (start === null) return (await isBegun(deps.sql, shard, startId)) ? null : notSent();
  const prepared = await prepareOrder(deps, account, order, start.orderId);
  if (prepared.kind !== "prepared") {
    await leaveWaiting(deps.sql, start);
    return refusedBefore(prepared);
  }
  const result = await runStart(deps.reconcile, account, start, prepared, by);
  if (result.kind === "refused") return refusedRegistration(result.refusal);
  return result.kind === "lost" ? notSent() : null;
}

/** The approval stays open: the call that holds the start may have died, or its key was given back. */
function notSent(): ProblemDetails {
  return conflict(
    "The order is being sent by another call, or its Idempotency-Key was given back. Approve it again in a few " +
      "seconds; where that is refused too, the order has to be asked for again.",
  );
}
