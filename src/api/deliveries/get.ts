import { ok } from "../response.ts";
import { route } from "../route.ts";
import { deliveryWithAttempts, deliveryWithAttemptsSchema } from "./delivery-json.ts";
import { visibleDelivery } from "./visible.ts";

export const getDelivery = route({
  method: "GET",
  path: "/v1/deliveries/{id}",
  tag: "Events and deliveries",
  name: "getDelivery",
  summary: "Get a delivery with its attempts",
  description: "Each try with its status, latency and the first 2 KiB of the answer.",
  access: "any",
  ids: { id: "delivery" },
  answers: { 200: { means: "The delivery", schema: deliveryWithAttemptsSchema } },
  async handle({ caller, ids }, { db }) {
    const delivery = await visibleDelivery(caller, ids.id, db);
    return delivery.kind === "problem" ? delivery : ok(await deliveryWithAttempts(db, delivery.row));
  },
});
