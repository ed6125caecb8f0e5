import { z } from "zod";
import { createdQuery } from "../lists/created.ts";
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
    "Newest first. `pending`: not read yet. `quarantined`: refused or unreadable, for the reason in `problems`.",
  access: "any",
  query: z.strictObject({
    ...listQuery,
    state: z.enum(["pending", "processed", "quarantined"]).optional(),
    provider: z.string().optional(),
    channel: z.string().optional(),
    connection_id: idInput("connection").optional(),
    ...createdQuery,
  }),
  responses: { 200: { description: "A page of callbacks", schema: listOf(callbackSchema) } },
  async handle({ caller, query }, deps) {
    const { db } = deps;
    const scope = await listScope(caller, query, [query.connection_id], db);
    if (scope.kind === "problem") return scope;
    const filter = { ...query, merchantId: scope.merchantId };
    const { rows, nextCursor } = await newestFirst(
      scope.shards,
      query,
      (shard, slice) => callbackIds(db, shard, slice, filter),
      (shard, ids) => withJson(shard, ids),
    );
    return ok({ data: rows.map(({ json }) => json), next_cursor: nextCursor });

    async function withJson(shard: number, ids: string[]) {
      const callbacks = await callbacksById(db, shard, ids);
      const jsons = await callbacksJson(callbacks, deps);
      return callbacks.map(({ id }, i) => ({ id, json: jsons[i] }));
    }
  },
});
