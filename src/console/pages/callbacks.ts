import type { z } from "zod";
import type { callbackSchema } from "../../api/callbacks/callback-json.ts";
import { html } from "../html.ts";
import type { Action, Page } from "../page-request.ts";
import { badge, facts, idLink, showBytes, showTime } from "../show.ts";
import { listPage, table } from "./list-page.ts";

type Callback = z.output<typeof callbackSchema>;

export const callbacksPage = listPage<Callback>({
  title: "Callbacks",
  path: "/console/callbacks",
  section: "callbacks",
  source: "/v1/callbacks",
  filters: [
    { name: "state", label: "State", options: ["pending", "processed", "quarantined"] },
    { name: "provider", label: "Provider", options: visit => visit.providers },
    { name: "channel", label: "Channel" },
    { name: "connection_id", label: "Connection" },
  ],
  columns: [
    { head: "Received", cell: c => showTime(c.received_at) },
    { head: "Callback", cell: c => idLink("callbacks", c.id) },
    { head: "Channel", cell: c => html`${c.channel} <small>${c.provider}</small>` },
    { head: "Copies", cell: c => String(c.copies), numeric: true },
    { head: "State", cell: c => badge(c.state) },
    { head: "Problems", cell: c => c.problems[0]?.message ?? null },
  ],
  empty: "No callbacks match.",
});

export const callbackPage: Page = {
  path: "/console/callbacks/:id",
  section: "callbacks",
  async show({ api, id }) {
    const [got, bytes] = await Promise.all([
      api.get<Callback>(`/v1/callbacks/${id}`),
      api.bytes(`/v1/callbacks/${id}/body`),
    ]);
    if (got.kind === "refused") return got;
    const c = got.value;
    const problems = [
      { head: "Where", cell: (each: Callback["problems"][number]) => html`<code>${each.path}</code>` },
      { head: "What", cell: (each: Callback["problems"][number]) => each.message },
    ];
    const body = html`<h1>Callback ${badge(c.state)}</h1>
<p class="sub">${c.provider} ${c.channel}</p>
${facts([
  ["Id", html`<code>${c.id}</code>`],
  ["Received", showTime(c.received_at)],
  ["Copies", String(c.copies)],
  ["Connection", idLink("connections", c.connection_id)],
  ["Transactions", links("transactions", c.transaction_ids)],
  ["Same news, another body", links("callbacks", c.conflicts_with)],
  ["Answered", c.answer === null ? null : html`<code>${JSON.stringify(c.answer)}</code>`],
])}
${c.problems.length === 0 ? "" : html`<h2>Problems</h2>${table(problems, c.problems, "", "Problems")}`}
<h2>Body</h2>
${bytes.kind === "refused" ? html`<p class="empty">${bytes.detail}</p>` : showBytes(bytes.value)}
<form method="post" action="/console/callbacks/${c.id}/reprocess"><button type="submit">Read it again</button></form>`;
    return { kind: "page", title: "Callback", body };
  },
};

function links(room: string, ids: string[]) {
  return ids.length === 0 ? null : html`${ids.map(id => html`${idLink(room, id)} `)}`;
}

export const reprocessAction: Action = {
  path: "/console/callbacks/:id/reprocess",
  async act({ api, id }) {
    const got = await api.post(`/v1/callbacks/${id}/reprocess`);
    return got.kind === "refused" ? got : { kind: "done", to: `/console/callbacks/${id}`, done: "reprocess" };
  },
};
