import { z } from "zod";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { connectionSchema, connectionsJson } from "./connection-json.ts";
import { connectionIds, connectionsById } from "./store.ts";

export const listConnections = route({
  method: "GET",
  path: "/v1/connections",
  tag: "Connections",
  name: "listConnections",
  summary: "List connections",
  description: "Newest first; deleted ones are left out.",
  access: "any",
  query: z.strictObject({
    ...listQuery,
    provider: z.string().optional(),
    environment: z.enum(["sandbox", "production"]).optional(),
  }),
  answers: { 200: { means: "A page of connections", schema: listOf(connectionSchema) } },
  async handle({ caller, query }, deps) {
    const { db } = deps;
    const reach = await listScope(caller, query, [], db);
    if (reach.kind === "problem") return reach;
    const filter = { merchantId: reach.merchantId, provider: query.provider, environment: query.environment };
    const { rows, nextCursor } = await newestFirst(
      reach.shards,
      query,
      (shard, slice) => connectionIds(db, shard, slice, filter),
      (shard, ids) => withJson(shard, ids),
    );
    return ok({ data: rows.map(({ json }) => json), next_cursor: nextCursor });

    async function withJson(shard: number, ids: string[]) {
      const found = await connectionsById(db, shard, ids);
      const shown = await connectionsJson(found, deps, db);
      return found.map(({ id }, i) => ({ id, json: shown[i] }));
    }
  },
});
