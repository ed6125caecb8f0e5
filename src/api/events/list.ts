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
import { followEvents, waitMaxS } from "./follow.ts";
import { eventIds, eventsById } from "./store.ts";

const isFollowing = ({ after, wait_s }: { after?: string | undefined; wait_s?: number | undefined }) =>
  after !== undefined || wait_s !== undefined;

export const listEvents = route({
  method: "GET",
  path: "/v1/events",
  tag: "Events and deliveries",
  name: "listEvents",
  summary: "List events",
  description:
    "Newest first, each as endpoints receive it. With `order=asc`, or with `after` or `wait_s`, oldest first: to " +
    "read along where no endpoint can be reached, send the last event's id as `after` with a `wait_s`, again and " +
    "again. No event is left out, and each transaction's come in order.",
  access: "any",
  query: z.strictObject({
    ...listQuery,
    type: eventTypeInput.optional().meta({ description: "A type, or a family such as `payment.*`" }),
    transaction_id: idInput("transaction").optional(),
    order: z.enum(["asc", "desc"]).optional(),
    after: idInput("event").optional().meta({ description: "Events written after this one, oldest first" }),
    wait_s: z.coerce
      .number("must be a number")
      .int()
      .min(0)
      .max(waitMaxS)
      .optional()
      .meta({ description: "Seconds to wait for an event where there is none" }),
    ...createdQuery,
  }),
  problems: { 429: "The key has as many calls waiting as it may." },
  responses: { 200: { description: "A page of events", schema: listOf(eventSchema) } },
  async handle({ caller, query, isAllowed }, deps) {
    const { db, sql, providers } = deps;
    const [unknown] = eventTypeErrors(query.type === undefined ? [] : [query.type], () => "type", providers);
    if (unknown) return invalid([unknown]);
    const scope = await listScope(caller, query, [query.transaction_id], db);
    if (scope.kind === "problem") return scope;
    const isAscending = query.order === "asc" || (query.order === undefined && isFollowing(query));
    if (!isAscending && isFollowing(query))
      return invalid([{ path: "order", message: "must be asc with after and wait_s" }]);
    if (isAscending) return followEvents(deps, { caller, scope, query, isAllowed });
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
