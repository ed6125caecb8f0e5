import type { z } from "zod";
import type { deliverySchema, deliveryWithAttemptsSchema } from "../../api/deliveries/delivery-json.ts";
import { html } from "../html.ts";
import type { Action, Page } from "../page-request.ts";
import { badge, facts, idLink, showTime, visible } from "../show.ts";
import { type Column, listPage } from "./list-page.ts";

export type Delivery = z.output<typeof deliverySchema>;
type WithAttempts = z.output<typeof deliveryWithAttemptsSchema>;

export const deliveryColumns: Column<Delivery>[] = [
  { head: "Created", cell: d => showTime(d.created_at) },
  { head: "Delivery", cell: d => idLink("deliveries", d.id) },
  { head: "Event", cell: d => html`<a href="/console/events/${d.event_id}">${d.event_type ?? "event"}</a>` },
  { head: "Endpoint", cell: d => idLink("endpoints", d.endpoint_id) },
  { head: "Attempts", cell: d => String(d.attempt_count), numeric: true },
  { head: "State", cell: d => badge(d.state) },
];

export const deliveriesPage = listPage<Delivery>({
  title: "Deliveries",
  path: "/console/deliveries",
  section: "deliveries",
  source: "/v1/deliveries",
  filters: [
    { name: "state", label: "State", options: ["pending", "delivered", "failed"] },
    { name: "endpoint_id", label: "Endpoint" },
    { name: "event_id", label: "Event" },
  ],
  columns: deliveryColumns,
  empty: "No deliveries match.",
});

export const deliveryPage: Page = {
  path: "/console/deliveries/:id",
  section: "deliveries",
  async show({ api, id }) {
    const got = await api.get<WithAttempts>(`/v1/deliveries/${id}`);
    if (got.kind === "refused") return got;
    const d = got.value;
    const body = html`<h1>Delivery ${badge(d.state)}</h1>
${facts([
  ["Id", html`<code>${d.id}</code>`],
  ["Event", html`<a href="/console/events/${d.event_id}">${d.event_type ?? d.event_id}</a>`],
  ["Endpoint", idLink("endpoints", d.endpoint_id)],
  ["Created", showTime(d.created_at)],
  ["Finished", d.finished_at && showTime(d.finished_at)],
  ["Next attempt", d.next_attempt_at && showTime(d.next_attempt_at)],
])}
<h2>Attempts</h2>
${d.attempts.length === 0 ? html`<p class="empty">${d.state === "pending" ? "None yet." : "None: the endpoint was disabled before the first one."}</p>` : ""}
<ol class="timeline">${d.attempts.map(
      each => html`<li>${showTime(each.started_at)} ${each.status === null ? "" : html`<strong>${each.status}</strong>`} <small>${each.latency_ms} ms</small>
${each.error === null ? "" : html`<span class="bad">${each.error}</span>`}
${each.answer ? html`<pre tabindex="0">${visible(each.answer)}</pre>` : ""}</li>`,
    )}</ol>
<form method="post" action="/console/deliveries/${d.id}/retry"><button type="submit">Send it again</button></form>`;
    return { kind: "page", title: "Delivery", body };
  },
};

export const retryAction: Action = {
  path: "/console/deliveries/:id/retry",
  async act({ api, id }) {
    const got = await api.post(`/v1/deliveries/${id}/retry`);
    return got.kind === "refused" ? got : { kind: "done", to: `/console/deliveries/${id}`, done: "retry" };
  },
};
