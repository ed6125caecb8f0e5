import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { approvalJson, approvalSchema } from "./approval-json.ts";
import { findApproval } from "./store.ts";

export const getApproval = route({
  method: "GET",
  path: "/v1/approvals/{id}",
  tag: "Operators",
  name: "getApproval",
  summary: "Get an approval",
  description: "What was asked, by whom, and what became of it.",
  access: "any",
  ids: { id: "approval" },
  responses: { 200: { description: "The approval", schema: approvalSchema } },
  async handle({ caller, ids }, { db, now }) {
    const row = await findApproval(db, ids.id, merchantScope(caller));
    return row === null ? noSuch("approval") : ok(approvalJson(row, now()));
  },
});
