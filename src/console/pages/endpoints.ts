import type { z } from "zod";
import type { endpointSchema, endpointWithHealthSchema } from "../../api/endpoints/endpoint-json.ts";
import { html } from "../html.ts";
import type { Action, Page } from "../page-request.ts";
import { badge, facts, idLink, showTime } from "../show.ts";
import { type Delivery, deliveryColumns } from "./deliveries.ts";
import { listPage, table } from "./list-page.ts";

type Endpoint = z.output<typeof endpointSchema>;
type WithHealth = z.output<typeof endpointWithHealthSchema>;

const recoverDays = 7;
const dayMs = 86_400_000;

type Listed = Endpoint & { health?: WithHealth["health"] };

export const endpointsPage = listPage<Listed>({
  title: "Endpoints",
  path: "/console/endpoints",
  section: "endpoints",
  source: "/v1/endpoints",
  filters: [{ name: "enabled", label: "Enabled", options: ["true", "false"] }],
  columns: [
    { head: "Endpoint", cell: e => idLink("endpoints", e.id) },
    { head: "URL", cell: e => html`<code>${e.url}</code>` },
    { head: "Events", cell: e => e.event_types.join(", ") },
    {
      head: "State",
      cell: e =>
        e.enabled
          ? html`${badge(e.health?.state ?? "enabled")} ${e.health?.failing_since ? html`<small>since ${showTime(e.health.failing_since)}</small>` : ""}`
          : html`${badge("disabled")} <small>${e.disabled_reason}</small>`,
    },
    { head: "Waiting", cell: e => (e.health === undefined ? null : String(e.health.pending)), numeric: true },
    { head: "Created", cell: e => showTime(e.created_at) },
  ],
  empty: "No endpoints match. POST /v1/endpoints makes one.",
  async complete({ api }, endpoint) {
    if (!endpoint.enabled) return endpoint;
    const got = await api.get<WithHealth>(`/v1/endpoints/${endpoint.id}`);
    return got.kind === "got" ? got.value : endpoint;
  },
});

export const endpointPage: Page = {
  path: "/console/endpoints/:id",
  section: "endpoints",
  async show({ api, id }) {
    const [got, failed] = await Promise.all([
      api.get<WithHealth>(`/v1/endpoints/${id}`),
      api.get<{ data: Delivery[] }>("/v1/deliveries", { endpoint_id: id, limit: "10" }),
    ]);
    if (got.kind === "refused") return got;
    const { health, ...e } = got.value;
    const body = html`<h1>Endpoint ${badge(health.state)}</h1>
<p class="sub"><code>${e.url}</code></p>
${e.enabled ? "" : html`<p class="notice bad" role="status">Disabled ${showTime(e.disabled_at)}: ${e.disabled_reason ?? "by hand"}. Nothing is sent to it. Enable it once its receiver is well, then send again what failed.</p>`}
${health.state === "failing" ? html`<p class="notice bad" role="status">It has taken nothing since ${showTime(health.failing_since)}: the deliveries below say what it answers.</p>` : ""}
${facts([
  ["Id", html`<code>${e.id}</code>`],
  ["Description", e.description],
  ["Events", e.event_types.join(", ")],
  ["Own headers", e.headers.join(", ")],
  ["At most", e.rate_limit_per_s === null ? null : `${e.rate_limit_per_s} a second`],
  ["Waiting", String(health.pending)],
  ["Failing since", health.failing_since && showTime(health.failing_since)],
  ["Last success", showTime(health.last_success_at)],
  ["Last failure", showTime(health.last_failure_at)],
])}
<div class="actions">
<form method="post" action="/console/endpoints/${e.id}/${e.enabled ? "disable" : "enable"}"><button type="submit" class="${e.enabled ? "" : "primary"}">${e.enabled ? "Disable" : "Enable"}</button></form>
<form method="post" action="/console/endpoints/${e.id}/test"><button type="submit">Send a test event</button></form>
<form method="post" action="/console/endpoints/${e.id}/recover"><button type="submit">Send again what failed in ${recoverDays} days</button></form>
</div>
<h2>Latest deliveries</h2>
${failed.kind === "refused" ? html`<p class="empty">${failed.detail}</p>` : table(deliveryColumns, failed.value.data, "Nothing yet.", "Deliveries")}`;
    return { kind: "page", title: "Endpoint", body };
  },
};

function switchAction(word: "enable" | "disable"): Action {
  return {
    path: `/console/endpoints/:id/${word}`,
    async act({ api, id }) {
      const got = await api.patch(`/v1/endpoints/${id}`, { enabled: word === "enable" });
      return got.kind === "refused" ? got : { kind: "done", to: `/console/endpoints/${id}`, done: `${word}d` };
    },
  };
}

export const enableAction = switchAction("enable");
export const disableAction = switchAction("disable");

export const testAction: Action = {
  path: "/console/endpoints/:id/test",
  async act({ api, id }) {
    const got = await api.post(`/v1/endpoints/${id}/test`);
    return got.kind === "refused" ? got : { kind: "done", to: `/console/endpoints/${id}`, done: "test" };
  },
};

export const recoverAction: Action = {
  path: "/console/endpoints/:id/recover",
  async act({ api, id, now }) {
    const since = new Date(now.getTime() - recoverDays * dayMs).toISOString();
    const got = await api.post(`/v1/endpoints/${id}/recover`, { since });
    return got.kind === "refused" ? got : { kind: "done", to: `/console/endpoints/${id}`, done: "recover" };
  },
};
