import { z } from "zod";
import { replay } from "../../deliver/commands/replay.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { endpointDisabled } from "../endpoints/endpoint-disabled.ts";
import { eventTypeErrors, eventTypesInput } from "../endpoints/event-types.ts";
import { findEndpoint } from "../endpoints/store.ts";
import { conflict, invalid, notFound } from "../problem.ts";
import { accepted } from "../response.ts";
import { route } from "../route.ts";
import { exampleId, idInput, idOutput, timeInput, timeOutput } from "../schemas/fields.ts";

const replaySchema = z
  .object({
    id: idOutput("replay"),
    endpoint_id: idOutput("endpoint"),
    event_types: z.array(z.string().meta({ examples: ["payment.*"] })),
    created_after: timeOutput,
    created_before: timeOutput.nullable().meta({ examples: ["2025-10-19T00:00:00.000Z"] }),
    events: z.int().meta({ description: "The number of events that are sent again" }),
  })
  .meta({ id: "Replay" });

export const createReplay = route({
  method: "POST",
  path: "/v1/replays",
  tag: "Events and deliveries",
  name: "createReplay",
  summary: "Send the events of a period again",
  description: "Sends the same bodies under the same `webhook-id` to one endpoint, those of its `environment` only.",
  access: "any",
  role: "support",
  body: z.strictObject({
    endpoint_id: idInput("endpoint"),
    event_types: eventTypesInput.default(["*"]),
    created_after: timeInput,
    created_before: timeInput.optional(),
  }),
  example: {
    endpoint_id: exampleId("endpoint"),
    event_types: ["payment.*"],
    created_after: "2025-10-18T00:00:00Z",
    created_before: "2025-10-19T00:00:00Z",
  },
  responses: { 202: { description: "The events are queued", schema: replaySchema } },
  problems: { 404: "There is no such endpoint.", 409: "The endpoint is disabled." },
  async handle({ caller, body }, { db, sql, now, wakeDeliver, providers }) {
    const [unknown, ...more] = eventTypeErrors(body.event_types, index => `event_types.${index}`, providers);
    if (unknown) return invalid([unknown, ...more]);
    const endpoint = await findEndpoint(db, body.endpoint_id, merchantScope(caller));
    if (endpoint === null) return notFound("There is no endpoint with this endpoint_id.");
    const { shard, id: endpointId, merchantId, enabled, environment } = endpoint;
    const { event_types: eventTypes, created_after: createdAfter, created_before: createdBefore = null } = body;
    if (createdBefore !== null && createdBefore <= createdAfter) {
      return invalid([{ path: "created_before", message: "must be later than created_after" }]);
    }
    if (!enabled) return conflict(endpointDisabled);
    const replayId = newUuid(shard);
    const request = { shard, merchantId, endpointId, eventTypes, environment, createdAfter, createdBefore };
    const asked = {
      endpoint_id: publicId("endpoint", endpointId),
      event_types: eventTypes,
      created_after: createdAfter.toISOString(),
      created_before: createdBefore?.toISOString() ?? null,
    };
    const subject = publicId("replay", replayId);
    // Recorded first: the deliveries are queued by several commits, and none may go without an entry.
    await db.transaction(tx =>
      recordAudit(tx, caller, { shard, merchantId, action: "events.replayed", subject, detail: asked }),
    );
    const events = await replay(sql, request, now());
    wakeDeliver(shard, [endpointId]);
    return accepted({ id: subject, ...asked, events });
  },
});
