import { parseId } from "../../domain/ids.ts";
import type { ApprovedCall } from "../approvals/actions.ts";
import type { Caller } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { noSuch, type ProblemDetails } from "../problem.ts";
import { applyPatch, type ConnectionPatch, preparePatch } from "./apply-patch.ts";

/** Carries out a change that a second person approved. The requester's own rights were checked when they asked. */
export async function changeApprovedConnection(
  { subject, request }: ApprovedCall,
  approver: Caller,
  deps: ApiDeps,
): Promise<ProblemDetails | null> {
  const id = parseId("connection", subject);
  if (id === null) return noSuch("connection");
  const changed = await deps.db.transaction(async tx => {
    const asked = { kind: "admin", origin: approver.origin } as const;
    const prepared = await preparePatch(tx, asked, id, request as ConnectionPatch, deps);
    if (prepared.kind === "problem") return prepared;
    return { kind: "changed" as const, ...(await applyPatch(tx, approver, prepared, deps)) };
  });
  if (changed.kind === "problem") return changed;
  await deps.changed({ connectionId: id, merchantId: changed.row.merchantId });
  if (changed.requeued > 0) deps.wakeInbox(changed.row.shard);
  return null;
}
