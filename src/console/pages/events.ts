import type { z } from "zod";
import type { eventSchema } from "../../api/events/event-json.ts";
import { html } from "../html.ts";
import type { Page } from "../page-request.ts";
import { facts, idLink, showJson, showTime } from "../show.ts";
import { type Delivery, deliveryColumns } from "./deliveries.ts";
import { listPage, table } from "./list-page.ts";

type Event = z.output<typeof eventSchema>;
type OfTransaction = { transaction?: { id?: string } };

export const eventsPage = listPage<Event>({
  title: "Events",
  path: "/console/events",
  section: "events",
  source: "/v1/events",
  filters: [
    { name: "type", label: "Type, such as payment.*" },
    { name: "transaction_id", label: "Transaction" },
  ],
  columns: [
    { head: "When", cell: e => showTime(e.timestamp) },
    { head: "Event", cell: e => idLink("events", e.id) },
    { head: "Type", cell: e => e.type },
    { head: "Transaction", cell: e => transactionLink(e) },
  ],
  empty: "No events match.",
});

function transactionLink(event: Event) {
  const id = (event.data as OfTransaction).transaction?.id;
  return typeof id === "string" ? idLink("transactions", id) : null;
}

export const eventPage: Page = {
  path: "/console/events/:id",
  section: "events",
  async show({ api, id }) {
    const [got, owed] = await Promise.all([
      api.get<Event>(`/v1/events/${id}`),
      api.get<{ data: Delivery[] }>("/v1/deliveries", { event_id: id }),
    ]);
    if (got.kind === "refused") return got;
    if (owed.kind === "refused") return owed;
    const event = got.value;
    const body = html`<h1>${event.type}</h1>
${facts([
  ["Id", html`<code>${event.id}</code>`],
  ["When", showTime(event.timestamp)],
  ["Transaction", transactionLink(event)],
])}
<h2>Deliveries</h2>
${table(deliveryColumns, owed.value.data, "No endpoint wanted it.", "Deliveries")}
<h2>Body</h2>
${showJson(event)}`;
    return { kind: "page", title: event.type, body };
  },
};
