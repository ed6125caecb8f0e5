import { findLookup } from "../../books/lookups/lookup-store.ts";
import { shardOf } from "../../domain/ids.ts";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { lookupJson, lookupSchema } from "./lookup-json.ts";

export const getLookup = route({
  method: "GET",
  path: "/v1/lookups/{id}",
  tag: "Books",
  name: "getLookup",
  summary: "Get what became of a question about a receipt",
  description: "`asking` becomes `found`, `not_found` or `unavailable` within ten minutes.",
  access: "any",
  ids: { id: "lookup" },
  responses: { 200: { description: "The question, with the transaction that was found", schema: lookupSchema } },
  async handle({ caller, ids }, deps) {
    const lookup = await findLookup(deps.sql, shardOf(ids.id), ids.id, merchantScope(caller));
    return lookup === null ? noSuch("lookup") : ok(await lookupJson(lookup, deps));
  },
});
