import type { Caller } from "../caller.ts";
import { changeApprovedConnection } from "../connections/change-approved.ts";
import type { ApiDeps } from "../deps.ts";
import type { ProblemDetails } from "../problem.ts";
import { startApproved } from "../start/start-approved.ts";
import { resolveApproved } from "../transactions/resolve-approved.ts";

/** What an approved call was. `id`: the approval's UUID; the request is what `askApproval` was given. */
export type ApprovedCall = { id: string; subject: string; request: Record<string, unknown>; askedBy: string };

/**
 * Carries out an approved call, for the audit in the approver's name. It may run again after a crash, and must then
 * change nothing more. Null where it is done.
 */
export type ApprovedAction = (call: ApprovedCall, approver: Caller, deps: ApiDeps) => Promise<ProblemDetails | null>;

/** The calls that may wait for a second person. */
export const approvalActions = {
  "transaction.resolve": resolveApproved,
  "connection.change": changeApprovedConnection,
  "transaction.start": startApproved,
} as const satisfies Record<string, ApprovedAction>;

export type ApprovalAction = keyof typeof approvalActions;
