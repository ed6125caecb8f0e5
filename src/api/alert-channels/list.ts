import { z } from "zod";
import { installationShard } from "../../alerts/look/spool-watch.ts";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { alertChannelJson, alertChannelSchema } from "./channel-json.ts";
import { alertChannelIds, alertChannelsById } from "./store.ts";

export const listAlertChannels = route({
  method: "GET",
  path: "/v1/alert-channels",
  tag: "Alerts",
  name: "listAlertChannels",
  summary: "List alert channels",
  description: "Newest first, without their secrets, and with how the last message went.",
  access: "any",
  query: z.strictObject(listQuery),
  responses: { 200: { description: "A page of channels", schema: listOf(alertChannelSchema) } },
  async handle({ caller, query }, { db }) {
    const scope = await listScope(caller, query, [], db);
    if (scope.kind === "problem") return scope;
    const { merchantId } = scope;
    const shards = merchantId === null ? [...new Set([...scope.shards, installationShard])] : scope.shards;
    const { rows, nextCursor } = await newestFirst(
      shards,
      query,
      (shard, slice) => alertChannelIds(db, shard, slice, { merchantId }),
      (shard, ids) => alertChannelsById(db, shard, ids),
    );
    return ok({ data: rows.map(alertChannelJson), next_cursor: nextCursor });
  },
});
