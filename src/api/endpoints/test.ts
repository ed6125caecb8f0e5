import { z } from "zod";
import { sendTest } from "../../deliver/commands/send-test.ts";
import { publicId } from "../../domain/ids.ts";
import { merchantScope } from "../caller.ts";
import { conflict, noSuch } from "../problem.ts";
import { accepted } from "../response.ts";
import { route } from "../route.ts";
import { idOutput } from "../schemas/fields.ts";
import { endpointDisabled } from "./endpoint-disabled.ts";
import { findEndpoint } from "./store.ts";

const testSchema = z
  .object({ event_id: idOutput("event"), delivery_id: idOutput("delivery") })
  .meta({ id: "TestDelivery", description: "See `GET /v1/deliveries/{id}` for its attempts." });

export const testEndpoint = route({
  method: "POST",
  path: "/v1/endpoints/{id}/test",
  tag: "Endpoints",
  name: "testEndpoint",
  summary: "Send a test event",
  description: "An `endpoint.test` event for this endpoint alone, whatever its `event_types`.",
  access: "any",
  ids: { id: "endpoint" },
  responses: { 202: { description: "The event is queued", schema: testSchema } },
  problems: { 409: "The endpoint is disabled." },
  async handle({ caller, ids }, { db, sql, now, wakeDeliver }) {
    const endpoint = await findEndpoint(db, ids.id, merchantScope(caller));
    if (endpoint === null) return noSuch("endpoint");
    const { shard, merchantId, id: endpointId, enabled, environment } = endpoint;
    if (!enabled) return conflict(endpointDisabled);
    const { eventId, deliveryId } = await sendTest(sql, { shard, merchantId, endpointId, environment }, now());
    wakeDeliver(shard, [endpointId]);
    return accepted({ event_id: publicId("event", eventId), delivery_id: publicId("delivery", deliveryId) });
  },
});
