import { z } from "zod";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { endpointJson, endpointSchema } from "./endpoint-json.ts";
import { endpointIds, endpointsById } from "./store.ts";

export const listEndpoints = route({
  method: "GET",
  path: "/v1/endpoints",
  tag: "Endpoints",
  name: "listEndpoints",
  summary: "List endpoints",
  description: "Newest first, without deleted ones. Health is shown with a single endpoint only.",
  access: "any",
  query: z.strictObject({ ...listQuery, enabled: z.enum(["true", "false"]).optional() }),
  responses: { 200: { description: "A page of endpoints", schema: listOf(endpointSchema) } },
  async handle({ caller, query }, { db }) {
    const scope = await listScope(caller, query, [], db);
    if (scope.kind === "problem") return scope;
    const enabled = query.enabled === undefined ? undefined : query.enabled === "true";
    const { rows, nextCursor } = await newestFirst(
      scope.shards,
      query,
      (shard, slice) => endpointIds(db, shard, slice, { merchantId: scope.merchantId, enabled }),
      (shard, ids) => endpointsById(db, shard, ids),
    );
    return ok({ data: rows.map(endpointJson), next_cursor: nextCursor });
  },
});
