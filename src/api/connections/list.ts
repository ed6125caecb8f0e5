import { z } from "zod";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { environment } from "./connection-input.ts";
import { connectionSchema, connectionsJson } from "./connection-json.ts";
import { connectionIds, connectionsById } from "./store.ts";

export const listConnections = route({
  method: "GET",
  path: "/v1/connections",
  tag: "Connections",
  name: "listConnections",
  summary: "List connections",
  description: "Newest first, without deleted ones.",
  access: "any",
  query: z.strictObject({
    ...listQuery,
    provider: z.string().optional(),
    environment: environment.optional(),
  }),
  responses: { 200: { description: "A page of connections", schema: listOf(connectionSchema) } },
  async handle({ caller, query }, deps) {
    const { db } = deps;
    const scope = await listScope(caller, query, [], db);
    if (scope.kind === "problem") return scope;
    const filter = { merchantId: scope.merchantId, provider: query.provider, environment: query.environment };
    const { rows, nextCursor } = await newestFirst(
      scope.shards,
      query,
      (shard, slice) => connectionIds(db, shard, slice, filter),
      (shard, ids) => withJson(shard, ids),
    );
    return ok({ data: rows.map(({ json }) => json), next_cursor: nextCursor });

    async function withJson(shard: number, ids: string[]) {
      const connections = await connectionsById(db, shard, ids);
      const jsons = await connectionsJson(connections, deps, db);
      return connections.map(({ id }, i) => ({ id, json: jsons[i] }));
    }
  },
});
