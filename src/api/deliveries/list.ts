import { z } from "zod";
import { createdQuery } from "../lists/created.ts";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput } from "../schemas/fields.ts";
import { deliveryJson, deliverySchema } from "./delivery-json.ts";
import { relayJson, relaySchema } from "./relay-json.ts";
import { relayIds, relaysById } from "./relay-store.ts";
import { deliveriesById, deliveryIds } from "./store.ts";

export const listDeliveries = route({
  method: "GET",
  path: "/v1/deliveries",
  tag: "Events and deliveries",
  name: "listDeliveries",
  summary: "List deliveries",
  description:
    "Newest first. Undelivered are those with `state=pending` and `state=failed`. `relay=true` lists the callbacks " +
    "that go on by `settings.relay` instead of the events.",
  access: "any",
  query: z.strictObject({
    ...listQuery,
    state: z.enum(["pending", "delivered", "failed"]).optional(),
    endpoint_id: idInput("endpoint").optional(),
    event_id: idInput("event").optional(),
    relay: z.enum(["true", "false"]).optional(),
    ...createdQuery,
  }),
  responses: { 200: { description: "A page of deliveries", schema: listOf(deliverySchema.or(relaySchema)) } },
  async handle({ caller, query }, { db }) {
    const scope = await listScope(caller, query, [query.endpoint_id, query.event_id], db);
    if (scope.kind === "problem") return scope;
    const filter = { ...query, merchantId: scope.merchantId };
    if (query.relay === "true") {
      const found = await newestFirst(
        scope.shards,
        query,
        (shard, slice) => relayIds(db, shard, slice, filter),
        (shard, ids) => relaysById(db, shard, ids),
      );
      return ok({ data: found.rows.map(relayJson), next_cursor: found.nextCursor });
    }
    const { rows, nextCursor } = await newestFirst(
      scope.shards,
      query,
      (shard, slice) => deliveryIds(db, shard, slice, filter),
      (shard, ids) => deliveriesById(db, shard, ids),
    );
    return ok({ data: rows.map(deliveryJson), next_cursor: nextCursor });
  },
});
