import { z } from "zod";
import { eventTypeErrors, eventTypeInput } from "../endpoints/event-types.ts";
import { createdQuery } from "../lists/created.ts";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { invalid } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput } from "../schemas/fields.ts";
import { eventJson, eventSchema } from "./event-json.ts";
import { eventIds, eventsById } from "./store.ts";

export const listEvents = route({
  method: "GET",
  path: "/v1/events",
  tag: "Events and deliveries",
  name: "listEvents",
  summary: "List events",
  description: "Newest first, each as endpoints receive it.",
  access: "any",
  query: z.strictObject({
    ...listQuery,
    type: eventTypeInput.optional().meta({ description: "A type, or a family such as `payment.*`" }),
    transaction_id: idInput("transaction").optional(),
    ...createdQuery,
  }),
  responses: { 200: { description: "A page of events", schema: listOf(eventSchema) } },
  async handle({ caller, query }, { db, sql, providers }) {
    const [unknown] = eventTypeErrors(query.type === undefined ? [] : [query.type], () => "type", providers);
    if (unknown) return invalid([unknown]);
    const scope = await listScope(caller, query, [query.transaction_id], db);
    if (scope.kind === "problem") return scope;
    const filter = { ...query, merchantId: scope.merchantId };
    const { rows, nextCursor } = await newestFirst(
      scope.shards,
      query,
      (shard, slice) => eventIds(db, shard, slice, filter),
      (shard, ids) => eventsById(db, shard, ids),
    );
    return ok({ data: rows.map(row => eventJson(row, sql.vault)), next_cursor: nextCursor });
  },
});
