import { sealContext } from "../../database/seal-contexts.ts";
import { publicId } from "../../domain/ids.ts";
import { maskPhonesIn } from "../../domain/phone.ts";
import { recordAudit } from "../audit/record.ts";
import { actorOf, type Caller, merchantScope, nameOf } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { conflict, forbidden, noSuch, type ProblemDetails } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { type ApprovalAction, approvalActions } from "./actions.ts";
import { approvalJson, approvalSchema, stateOf } from "./approval-json.ts";
import { maybeSamePerson } from "./same-person.ts";
import { type ApprovalRow, decideApproval, lockApproval, markDone } from "./store.ts";

const problems = {
  403: "The key asked for it, or was made by the key that did, or made that.",
  409: "It was rejected, has lapsed, or cannot be carried out any more.",
};

export const approve = route({
  method: "POST",
  path: "/v1/approvals/{id}/approve",
  tag: "Operators",
  name: "approve",
  summary: "Approve what another person asked for",
  description: "It happens at once. The person who asked may not approve it, nor a key that they made.",
  access: "any",
  scope: "decide",
  ids: { id: "approval" },
  responses: { 200: { description: "The approval, once it is carried out", schema: approvalSchema } },
  problems,
  async handle({ caller, ids }, deps) {
    const decided = await decide(caller, ids.id, "approved", deps);
    if (decided.kind === "problem") return decided;
    const { row } = decided;
    if (row.doneAt !== null) return ok(approvalJson(row, deps.now()));
    const { id, subject, askedBy } = row;
    const request = JSON.parse(deps.box.open(row.request, sealContext.approvalRequest(id)));
    const action = approvalActions[row.action as ApprovalAction];
    const problem = await action({ id, subject, request, askedBy }, caller, deps);
    return problem ?? ok(approvalJson(await markDone(deps.db, row), deps.now()));
  },
});

export const reject = route({
  method: "POST",
  path: "/v1/approvals/{id}/reject",
  tag: "Operators",
  name: "reject",
  summary: "Reject what another person asked for",
  description: "It never happens. The person who asked may not decide it either way.",
  access: "any",
  scope: "decide",
  ids: { id: "approval" },
  responses: { 200: { description: "The rejected approval", schema: approvalSchema } },
  problems,
  async handle({ caller, ids }, deps) {
    const decided = await decide(caller, ids.id, "rejected", deps);
    return decided.kind === "problem" ? decided : ok(approvalJson(decided.row, deps.now()));
  },
});

/** Writes the decision with its audit entry; the same decision again changes nothing. */
async function decide(
  caller: Caller,
  id: string,
  state: "approved" | "rejected",
  { db, now }: ApiDeps,
): Promise<{ kind: "decided"; row: ApprovalRow } | ProblemDetails> {
  return db.transaction(async tx => {
    const row = await lockApproval(tx, id, merchantScope(caller));
    if (row === null) return noSuch("approval");
    if (await maybeSamePerson(tx, row.askedBy, caller)) {
      return forbidden(
        "same-person",
        "A second person has to decide: not the one who asked, nor a key that they made.",
      );
    }
    const current = stateOf(row, now());
    if (current === state) return { kind: "decided" as const, row };
    if (current !== "pending") return conflict(`The approval is ${current}: ask again.`);
    const { shard, merchantId } = row;
    const decision = { state, decidedBy: actorOf(caller), decidedByName: nameOf(caller) };
    const decided = await decideApproval(tx, row, decision);
    await recordAudit(tx, caller, {
      shard,
      merchantId,
      action: `approval.${state}`,
      subject: publicId("approval", id),
      before: { state: "pending", asked_by: row.askedBy },
      after: { state, action: row.action, subject: row.subject, summary: maskPhonesIn(row.summary) },
    });
    return { kind: "decided" as const, row: decided };
  });
}
