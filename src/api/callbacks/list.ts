import { z } from "zod";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput } from "../schemas/fields.ts";
import { callbackSchema, callbacksJson } from "./callback-json.ts";
import { callbackIds, callbacksById } from "./store.ts";

export const listCallbacks = route({
  method: "GET",
  path: "/v1/callbacks",
  tag: "Callbacks",
  name: "listCallbacks",
  summary: "List callbacks",
  description:
    "Newest first. `pending` is not read yet, `quarantined` was refused or cannot be read: `problems` says why.",
  access: "any",
  query: z.strictObject({
    ...listQuery,
    state: z.enum(["pending", "processed", "quarantined"]).optional(),
    provider: z.string().optional(),
    channel: z.string().optional(),
    connection_id: idInput("connection").optional(),
  }),
  answers: { 200: { means: "A page of callbacks", schema: listOf(callbackSchema) } },
  async handle({ caller, query }, deps) {
    const { db } = deps;
    const reach = await listScope(caller, query, [query.connection_id], db);
    if (reach.kind === "problem") return reach;
    const filter = { ...query, merchantId: reach.merchantId };
    const { rows, nextCursor } = await newestFirst(
      reach.shards,
      query,
      (shard, slice) => callbackIds(db, shard, slice, filter),
      (shard, ids) => withJson(shard, ids),
    );
    return ok({ data: rows.map(({ json }) => json), next_cursor: nextCursor });

    async function withJson(shard: number, ids: string[]) {
      const found = await callbacksById(db, shard, ids);
      const shown = await callbacksJson(found, deps);
      return found.map(({ id }, i) => ({ id, json: shown[i] }));
    }
  },
});
