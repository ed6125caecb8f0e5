import { z } from "zod";
import { parseId, shardOf } from "../../domain/ids.ts";
import { openBody } from "../../outbox/fan-out-store.ts";
import { actorOf, type Caller } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { eventTypeErrors, eventTypeInput } from "../endpoints/event-types.ts";
import { type ListScope, listScope } from "../lists/scope.ts";
import { maskPhonesIn, seesMaskedPhones } from "../mask-phones.ts";
import { invalid, type ProblemDetails, throttled } from "../problem.ts";
import { eventStream } from "../response.ts";
import { route } from "../route.ts";
import { idInput } from "../schemas/fields.ts";
import { type FeedRequest, nextEvents } from "./feed.ts";
import { type FeedFilter, type FeedPosition, type FeedRow, feedHorizon, positionAt, positionOf } from "./feed-store.ts";

/** Below the 15 s that are promised, for the time that a look takes. */
const commentEveryMs = 10_000;
const rowsAtOnce = 100;

export const streamEvents = route({
  method: "GET",
  path: "/v1/events/stream",
  tag: "Events and deliveries",
  name: "streamEvents",
  summary: "Follow events",
  description:
    "Server-Sent Events, from now on: `id` is the event's, `event` its type, `data` the body that endpoints receive. " +
    "A comment comes every 15 s at the latest. After a cut, send the last id as `Last-Event-ID`, as browsers do: " +
    "what came since follows, at least once, and each transaction's events in order.",
  access: "any",
  query: z.strictObject({
    merchant_id: idInput("merchant").optional(),
    type: eventTypeInput.optional().meta({ description: "A type, or a family such as `payment.*`" }),
    transaction_id: idInput("transaction").optional(),
  }),
  headers: { "Last-Event-ID": "The last event that was read: what came after it is sent first" },
  problems: { 429: "The key has as many streams open as it may." },
  responses: { 200: { description: "The stream", schema: "events" } },
  async handle({ caller, query, header, isAllowed }, deps) {
    const [unknown] = eventTypeErrors(query.type === undefined ? [] : [query.type], () => "type", deps.providers);
    if (unknown) return invalid([unknown]);
    const scope = await listScope(caller, query, [query.transaction_id], deps.db);
    if (scope.kind === "problem") return scope;
    const after = await beginning(header("last-event-id"), scope, deps);
    if ("kind" in after) return after;
    if (!deps.readers.hasRoom(actorOf(caller))) return tooManyReaders();
    const { merchantId } = scope;
    const filter: FeedFilter = { merchantId, type: query.type, transactionId: query.transaction_id };
    const request = { scope, filter, after, limit: rowsAtOnce, waitMs: commentEveryMs, isAllowed };
    return eventStream(textsOf(deps, caller, request));
  },
});

/** 429 for one who waits too often at a time. */
export function tooManyReaders(): ProblemDetails {
  return throttled("As many calls as may wait for events are waiting: end one, or come back later.", 5);
}

async function beginning(
  lastId: string | null,
  { merchantId }: ListScope,
  { sql }: ApiDeps,
): Promise<FeedPosition | ProblemDetails> {
  // The database transactions that are under way may write events that are seen from here on.
  if (lastId === null || lastId === "") return positionAt(await feedHorizon(sql));
  const id = parseId("event", lastId);
  const position = id === null ? null : await positionOf(sql, shardOf(id), id, merchantId);
  return position ?? invalid([{ path: "Last-Event-ID", message: "is not the id of an event that is here" }]);
}

async function* textsOf(deps: ApiDeps, caller: Caller, request: FeedRequest): AsyncGenerator<string> {
  const leave = deps.readers.enter(actorOf(caller));
  try {
    yield ": the events from now on\n\n";
    for (let { after } = request; ; ) {
      const page = await nextEvents(deps, { ...request, after });
      if (page === null) return;
      yield page.rows.length === 0 ? ": nothing new\n\n" : page.rows.map(row => textOf(row, deps, caller)).join("");
      after = page.position;
    }
  } catch (error) {
    // The reader comes back with the last id.
    deps.log.warn({ err: error }, "a stream of events was cut: its next look at the database failed");
  } finally {
    leave();
  }
}

function textOf(row: FeedRow, { sql }: ApiDeps, caller: Caller): string {
  const body = openBody(row, sql.vault);
  const event = JSON.parse(body);
  const shown = seesMaskedPhones(caller) ? JSON.stringify(maskPhonesIn(event)) : body;
  // A line break would end the field. Stored bodies have none.
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${shown.replaceAll("\n", " ")}\n\n`;
}
