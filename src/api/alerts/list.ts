import { z } from "zod";
import { installationShard } from "../../alerts/look/spool-watch.ts";
import { alertJson, alertKinds } from "../../domain/alerts.ts";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput } from "../schemas/fields.ts";
import { alertSchema } from "./alert-schema.ts";
import { alertIds, alertsById } from "./store.ts";

export const listAlerts = route({
  method: "GET",
  path: "/v1/alerts",
  tag: "Alerts",
  name: "listAlerts",
  summary: "List alerts",
  description: "Newest first. The admin and operators see every merchant's, and those of the installation.",
  access: "any",
  query: z.strictObject({
    ...listQuery,
    state: z.enum(["open", "closed"]).optional(),
    kind: z.enum(alertKinds).optional(),
    connection_id: idInput("connection").optional(),
  }),
  responses: { 200: { description: "A page of alerts", schema: listOf(alertSchema) } },
  async handle({ caller, query }, { db }) {
    const scope = await listScope(caller, query, [query.connection_id], db);
    if (scope.kind === "problem") return scope;
    const { merchantId } = scope;
    const isWhole = merchantId === null && query.connection_id === undefined;
    const shards = isWhole ? [...new Set([...scope.shards, installationShard])] : scope.shards;
    const { rows, nextCursor } = await newestFirst(
      shards,
      query,
      (shard, slice) => alertIds(db, shard, slice, { ...query, merchantId }),
      (shard, ids) => alertsById(db, shard, ids),
    );
    return ok({ data: rows.map(alertJson), next_cursor: nextCursor });
  },
});
