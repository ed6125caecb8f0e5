import { z } from "zod";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { merchantJson, merchantSchema } from "./merchant-json.ts";
import { merchantIds, merchantsById } from "./store.ts";

export const listMerchants = route({
  method: "GET",
  path: "/v1/merchants",
  tag: "Merchants",
  name: "listMerchants",
  summary: "List merchants",
  description: "Newest first. A merchant's key gets its own merchant only.",
  access: "any",
  query: z.strictObject(listQuery),
  responses: { 200: { description: "A page of merchants", schema: listOf(merchantSchema) } },
  async handle({ caller, query }, { db }) {
    const scope = await listScope(caller, query, [], db);
    if (scope.kind === "problem") return scope;
    const { rows, nextCursor } = await newestFirst(
      scope.shards,
      query,
      (shard, slice) => merchantIds(db, shard, slice, scope.merchantId),
      (shard, ids) => merchantsById(db, shard, ids),
    );
    return ok({ data: rows.map(merchantJson), next_cursor: nextCursor });
  },
});
