import { z } from "zod";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput } from "../schemas/fields.ts";
import { deliveryJson, deliverySchema } from "./delivery-json.ts";
import { deliveriesById, deliveryIds } from "./store.ts";

export const listDeliveries = route({
  method: "GET",
  path: "/v1/deliveries",
  tag: "Events and deliveries",
  name: "listDeliveries",
  summary: "List deliveries",
  description: "`state=failed` and `state=pending` together are what is undelivered.",
  access: "any",
  query: z.strictObject({
    ...listQuery,
    state: z.enum(["pending", "delivered", "failed"]).optional(),
    endpoint_id: idInput("endpoint").optional(),
    event_id: idInput("event").optional(),
  }),
  answers: { 200: { means: "A page of deliveries", schema: listOf(deliverySchema) } },
  async handle({ caller, query }, { db }) {
    const reach = await listScope(caller, query, [query.endpoint_id, query.event_id], db);
    if (reach.kind === "problem") return reach;
    const filter = { ...query, merchantId: reach.merchantId };
    const { rows, nextCursor } = await newestFirst(
      reach.shards,
      query,
      (shard, slice) => deliveryIds(db, shard, slice, filter),
      (shard, ids) => deliveriesById(db, shard, ids),
    );
    return ok({ data: rows.map(deliveryJson), next_cursor: nextCursor });
  },
});
