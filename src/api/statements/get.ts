import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { statementJson, statementSchema } from "./statement-json.ts";
import { findStatement } from "./store.ts";

export const getStatement = route({
  method: "GET",
  path: "/v1/statements/{id}",
  tag: "Books",
  name: "getStatement",
  summary: "Get a statement with its report",
  description: "Sums and counts are there once it is `imported`.",
  access: "any",
  ids: { id: "statement" },
  responses: { 200: { description: "The statement", schema: statementSchema } },
  async handle({ caller, ids }, { db }) {
    const statement = await findStatement(db, ids.id, merchantScope(caller));
    return statement === null ? noSuch("statement") : ok(statementJson(statement));
  },
});
