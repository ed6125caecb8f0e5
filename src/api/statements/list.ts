import { z } from "zod";
import { statementStates } from "../../books/statements/statement-row.ts";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput } from "../schemas/fields.ts";
import { statementJson, statementSchema } from "./statement-json.ts";
import { statementIds, statementsById } from "./store.ts";

export const listStatements = route({
  method: "GET",
  path: "/v1/statements",
  tag: "Books",
  name: "listStatements",
  summary: "List statements",
  description: "Newest upload first.",
  access: "any",
  query: z.strictObject({
    ...listQuery,
    connection_id: idInput("connection").optional(),
    state: z.enum(statementStates).optional(),
  }),
  responses: { 200: { description: "A page of statements", schema: listOf(statementSchema) } },
  async handle({ caller, query }, { db }) {
    const scope = await listScope(caller, query, [query.connection_id], db);
    if (scope.kind === "problem") return scope;
    const filter = { ...query, merchantId: scope.merchantId };
    const { rows, nextCursor } = await newestFirst(
      scope.shards,
      query,
      (shard, slice) => statementIds(db, shard, slice, filter),
      (shard, ids) => statementsById(db, shard, ids),
    );
    return ok({ data: rows.map(statementJson), next_cursor: nextCursor });
  },
});
