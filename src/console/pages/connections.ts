import type { z } from "zod";
import type { connectionSchema } from "../../api/connections/connection-json.ts";
import { html } from "../html.ts";
import type { Page } from "../page-request.ts";
import { copyable, facts, idLink, showJson, showTime } from "../show.ts";
import { listPage } from "./list-page.ts";

type Connection = z.output<typeof connectionSchema>;

export const connectionsPage = listPage<Connection>({
  title: "Connections",
  path: "/console/connections",
  section: "connections",
  source: "/v1/connections",
  filters: [
    { name: "provider", label: "Provider", options: visit => visit.providers },
    { name: "environment", label: "Environment", options: ["sandbox", "production"] },
  ],
  columns: [
    { head: "Connection", cell: c => idLink("connections", c.id) },
    { head: "Name", cell: c => c.name },
    { head: "Provider", cell: c => c.provider },
    { head: "Environment", cell: c => c.environment },
    { head: "Created", cell: c => showTime(c.created_at) },
  ],
  empty: "No connections yet: POST /v1/connections makes one.",
});

export const connectionPage: Page = {
  path: "/console/connections/:id",
  section: "connections",
  async show({ api, id }) {
    const got = await api.get<Connection>(`/v1/connections/${id}`);
    if (got.kind === "refused") return got;
    const c = got.value;
    const urls = Object.entries(c.callback_urls);
    const body = html`<h1>${c.name === "" ? c.provider : c.name}</h1>
<p class="sub">${c.provider}, ${c.environment}</p>
${facts([
  ["Id", html`<code>${c.id}</code>`],
  ["Base URL", c.base_url],
  ["Credentials set", c.credentials.join(", ")],
  ["Created", showTime(c.created_at)],
  ["Updated", showTime(c.updated_at)],
])}
<p><a href="/console/callbacks?connection_id=${c.id}">Its callbacks</a>, <a href="/console/transactions?connection_id=${c.id}">its transactions</a></p>
<h2>Callback URLs</h2>
<p class="note">Give each to the provider. Whoever knows one can send callbacks: keep them as you keep passwords. Click to select.</p>
${urls.length === 0 ? html`<p class="empty">None: every token was revoked.</p>` : ""}
<dl class="urls">${urls.map(([channel, url]) => html`<div><dt>${channel}</dt><dd>${copyable(url)}</dd></div>`)}</dl>
<h2>Verification</h2>${showJson(c.verification)}
<h2>Settings</h2>${showJson(c.settings)}`;
    return { kind: "page", title: c.name === "" ? c.provider : c.name, body };
  },
};
