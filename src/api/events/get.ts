import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { eventJson, eventSchema } from "./event-json.ts";
import { findEvent } from "./store.ts";

export const getEvent = route({
  method: "GET",
  path: "/v1/events/{id}",
  tag: "Events and deliveries",
  name: "getEvent",
  summary: "Get an event",
  description: "The exact body that endpoints receive.",
  access: "any",
  ids: { id: "event" },
  responses: { 200: { description: "The event", schema: eventSchema } },
  async handle({ caller, ids }, { db, sql }) {
    const row = await findEvent(db, ids.id, merchantScope(caller));
    return row === null ? noSuch("event") : ok(eventJson(row, sql.vault));
  },
});
