import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { deliveryWithAttempts, deliveryWithAttemptsSchema } from "./delivery-json.ts";
import { relayWithAttempts, relayWithAttemptsSchema } from "./relay-json.ts";
import { findRelay } from "./relay-store.ts";
import { findDelivery } from "./store.ts";

export const getDelivery = route({
  method: "GET",
  path: "/v1/deliveries/{id}",
  tag: "Events and deliveries",
  name: "getDelivery",
  summary: "Get a delivery with its attempts",
  description: "Each attempt with its status, latency and the first 2 KiB of the response.",
  access: "any",
  ids: { id: "delivery" },
  responses: { 200: { description: "The delivery", schema: deliveryWithAttemptsSchema.or(relayWithAttemptsSchema) } },
  async handle({ caller, ids }, deps) {
    const delivery = await findDelivery(deps.db, ids.id, merchantScope(caller));
    if (delivery !== null) return ok(await deliveryWithAttempts(deps, delivery));
    const relay = await findRelay(deps.db, ids.id, merchantScope(caller));
    return relay === null ? noSuch("delivery") : ok(relayWithAttempts(relay));
  },
});
