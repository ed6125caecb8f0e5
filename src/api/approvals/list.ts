import { z } from "zod";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { approvalJson, approvalSchema } from "./approval-json.ts";
import { approvalIds, approvalStates, approvalsById } from "./store.ts";

export const listApprovals = route({
  method: "GET",
  path: "/v1/approvals",
  tag: "Operators",
  name: "listApprovals",
  summary: "List what waits for a second person",
  description: "Newest first, those decided and lapsed too. A merchant's key gets those of its merchant.",
  access: "any",
  query: z.strictObject({ ...listQuery, state: z.enum(approvalStates).optional() }),
  responses: { 200: { description: "A page of approvals", schema: listOf(approvalSchema) } },
  async handle({ caller, query }, { db, now }) {
    const scope = await listScope(caller, query, [], db);
    if (scope.kind === "problem") return scope;
    const { merchantId } = scope;
    const { rows, nextCursor } = await newestFirst(
      scope.shards,
      query,
      (shard, slice) => approvalIds(db, shard, slice, { merchantId, state: query.state }),
      (shard, ids) => approvalsById(db, shard, ids),
    );
    return ok({ data: rows.map(row => approvalJson(row, now())), next_cursor: nextCursor });
  },
});
