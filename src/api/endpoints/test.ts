import { z } from "zod";
import { sendTest } from "../../deliver/commands/send-test.ts";
import { publicId } from "../../domain/ids.ts";
import { accepted } from "../answer.ts";
import { conflict } from "../problem.ts";
import { route } from "../route.ts";
import { idOutput } from "../schemas/fields.ts";
import { visibleEndpoint } from "./visible.ts";

const testSchema = z
  .object({ event_id: idOutput("event"), delivery_id: idOutput("delivery") })
  .meta({ id: "TestDelivery", description: "Follow it at `GET /v1/deliveries/{id}`." });

export const testEndpoint = route({
  method: "POST",
  path: "/v1/endpoints/{id}/test",
  tag: "Endpoints",
  name: "testEndpoint",
  summary: "Send a test event",
  description: "An `endpoint.test` event for this endpoint alone, whatever its `event_types`.",
  access: "any",
  ids: { id: "endpoint" },
  answers: { 202: { means: "It is on its way", schema: testSchema } },
  problems: { 409: "The endpoint is disabled." },
  async handle({ caller, ids }, { db, sql, now, wakeDeliver }) {
    const endpoint = await visibleEndpoint(caller, ids.id, db);
    if (endpoint.kind === "problem") return endpoint;
    const { shard, merchantId, id: endpointId, enabled } = endpoint.row;
    if (!enabled) return conflict("The endpoint is disabled, nothing is sent to it: enable it first.");
    const { eventId, deliveryId } = await sendTest(sql, { shard, merchantId, endpointId }, now());
    wakeDeliver(shard, [endpointId]);
    return accepted({ event_id: publicId("event", eventId), delivery_id: publicId("delivery", deliveryId) });
  },
});
