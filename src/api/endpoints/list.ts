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
  description: "Newest first; deleted ones are left out. Health is shown with a single one.",
  access: "any",
  query: z.strictObject({ ...listQuery, enabled: z.enum(["true", "false"]).optional() }),
  answers: { 200: { means: "A page of endpoints", schema: listOf(endpointSchema) } },
  async handle({ caller, query }, { db }) {
    const reach = await listScope(caller, query, [], db);
    if (reach.kind === "problem") return reach;
    const enabled = query.enabled === undefined ? undefined : query.enabled === "true";
    const { rows, nextCursor } = await newestFirst(
      reach.shards,
      query,
      (shard, slice) => endpointIds(db, shard, slice, { merchantId: reach.merchantId, enabled }),
      (shard, ids) => endpointsById(db, shard, ids),
    );
    return ok({ data: rows.map(endpointJson), next_cursor: nextCursor });
  },
});
