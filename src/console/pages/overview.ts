import { statuses } from "../../domain/kinds.ts";
import type { TransactionJson } from "../../domain/transaction-json.ts";
import type { Backlog } from "../../metrics/backlog-store.ts";
import type { Api } from "../api-client.ts";
import { type Html, html } from "../html.ts";
import type { Page, SpoolState } from "../page-request.ts";
import { badge, showSeconds } from "../show.ts";
import { alarms, lateS } from "./alarms.ts";
import { table } from "./list-page.ts";
import { transactionColumns } from "./transactions.ts";

const dayMs = 86_400_000;
/** More are not counted: the API lists so many at most. */
const countedMax = 200;

export const overviewPage: Page = {
  path: "/",
  section: "overview",
  async show({ api, isAdmin, now, backlog, spool }) {
    const since = new Date(now.getTime() - dayMs).toISOString();
    const transactions = (query: Record<string, string>) => count(api, "/v1/transactions", query);
    const [latest, waiting, reviews, quarantined, failed, undelivered, disabled, ...counts] = await Promise.all([
      api.get<{ data: TransactionJson[] }>("/v1/transactions", { limit: "8" }),
      isAdmin ? backlog() : null,
      transactions({ review: "true" }),
      count(api, "/v1/callbacks", { state: "quarantined" }),
      count(api, "/v1/deliveries", { state: "failed" }),
      count(api, "/v1/deliveries", { state: "pending" }),
      count(api, "/v1/endpoints", { enabled: "false" }),
      ...statuses.map(status => transactions({ status, created_after: since })),
    ]);
    // Without the database there is still something to say, and to whom it concerns.
    if (latest.kind === "refused" && !isAdmin) return latest;
    const body = html`<h1>Overview</h1>
${isAdmin ? installation(waiting, spool()) : ""}
<section aria-labelledby="attention"><h2 id="attention">For your attention</h2><div class="tiles">
${tile("Reviews open", reviews, "/console/reviews", reviews === "0" ? "good" : "look")}
${tile("In quarantine", quarantined, "/console/callbacks?state=quarantined", quarantined === "0" ? "good" : "look")}
${tile("Deliveries failed", failed, "/console/deliveries?state=failed", failed === "0" ? "good" : "bad")}
${tile("Endpoints disabled", disabled, "/console/endpoints?enabled=false", disabled === "0" ? "good" : "bad")}
${tile("Deliveries waiting", undelivered, "/console/deliveries?state=pending", "plain")}
</div></section>
<section aria-labelledby="day"><h2 id="day">Transactions of the last 24 hours</h2><div class="tiles small">
${statuses.map((status, at) => tile(badge(status), counts[at]!, `/console/transactions?status=${status}`, "plain"))}
</div></section>
<section aria-labelledby="latest"><h2 id="latest">Latest transactions</h2>
${latest.kind === "refused" ? html`<p class="notice bad" role="alert">${latest.detail}</p>` : table(transactionColumns, latest.value.data, "None yet. Register one, or let a provider call.", "Latest transactions")}</section>`;
    return { kind: "page", title: "Overview", body };
  },
};

/** As the API lists them: up to 200, and a plus where there are more. */
async function count(api: Api, path: string, query: Record<string, string>): Promise<string> {
  const got = await api.get<{ data: unknown[]; next_cursor: string | null }>(path, {
    ...query,
    limit: String(countedMax),
  });
  if (got.kind === "refused") return "–";
  return got.value.next_cursor === null ? String(got.value.data.length) : `${countedMax}+`;
}

function tile(name: Html | string, value: string, href: string, tone: string): Html {
  return html`<a class="tile ${tone}" href="${href}"><span class="value">${value}</span><span class="name">${name}</span></a>`;
}

const queueNames = { inbox: "To be read", delivery: "To be delivered", poll: "To be asked about" } as const;

function installation(backlog: Backlog | null, spool: SpoolState): Html {
  return html`<section aria-labelledby="machine"><h2 id="machine">The installation</h2>
${alarms(backlog, spool)}
${backlog === null ? "" : tiles(backlog)}</section>`;
}

function tiles({ queues, workers, paused }: Backlog): Html {
  return html`<div class="tiles small">
${plain("Workers alive", workers, workers === 0, null)}
${Object.entries(queueNames).map(([name, title]) => {
  const { depth, oldestS } = queues[name as keyof typeof queues];
  return plain(title, depth, oldestS > lateS, oldestS < 1 ? null : `oldest due for ${showSeconds(oldestS)}`);
})}
${plain("Connections paused", paused, paused > 0, null)}
</div>`;
}

function plain(name: string, value: number, isBad: boolean, note: string | null): Html {
  return html`<div class="tile ${isBad ? "bad" : ""}"><span class="value">${value}</span><span class="name">${name}</span>
${note === null ? "" : html`<small class="${isBad ? "bad" : ""}">${note}</small>`}</div>`;
}
