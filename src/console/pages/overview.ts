import { statuses } from "../../domain/kinds.ts";
import type { TransactionJson } from "../../domain/transaction-json.ts";
import type { Backlog } from "../../metrics/backlog-store.ts";
import type { Api } from "../api.ts";
import { type Html, html } from "../html.ts";
import { table } from "../list-page.ts";
import { badge, showSeconds } from "../show.ts";
import type { Page } from "../visit.ts";
import { transactionColumns } from "./transactions.ts";

const dayMs = 86_400_000;
/** More are not counted: the API lists so many at most. */
const countedMax = 200;
/** Work that has been due for longer is shown as a problem, in seconds. */
const lateS = 60;

export const overviewPage: Page = {
  path: "/",
  section: "overview",
  async show({ api, isAdmin, now, backlog }) {
    const since = new Date(now.getTime() - dayMs).toISOString();
    const transactions = (query: Record<string, string>) => count(api, "/v1/transactions", query);
    const [latest, waiting, reviews, quarantined, failed, undelivered, ...counts] = await Promise.all([
      api.get<{ data: TransactionJson[] }>("/v1/transactions", { limit: "8" }),
      isAdmin ? backlog() : null,
      transactions({ review: "true" }),
      count(api, "/v1/callbacks", { state: "quarantined" }),
      count(api, "/v1/deliveries", { state: "failed" }),
      count(api, "/v1/deliveries", { state: "pending" }),
      ...statuses.map(status => transactions({ status, created_after: since })),
    ]);
    if (latest.kind === "refused") return latest;
    const body = html`<h1>Overview</h1>
<section aria-labelledby="attention"><h2 id="attention">For your attention</h2><div class="tiles">
${tile("Reviews open", reviews, "/console/reviews", reviews === "0" ? "good" : "look")}
${tile("In quarantine", quarantined, "/console/callbacks?state=quarantined", quarantined === "0" ? "good" : "look")}
${tile("Deliveries failed", failed, "/console/deliveries?state=failed", failed === "0" ? "good" : "bad")}
${tile("Deliveries waiting", undelivered, "/console/deliveries?state=pending", "plain")}
</div></section>
<section aria-labelledby="day"><h2 id="day">Transactions of the last 24 hours</h2><div class="tiles small">
${statuses.map((status, at) => tile(badge(status), counts[at]!, `/console/transactions?status=${status}`, "plain"))}
</div></section>
${isAdmin ? queues(waiting) : ""}
<section aria-labelledby="latest"><h2 id="latest">Latest transactions</h2>
${table(transactionColumns, latest.value.data, "None yet. Register one, or let a provider call.", "Latest transactions")}</section>`;
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

function queues(backlog: Backlog | null): Html {
  if (backlog === null) return html`<p class="notice bad" role="alert">The database does not answer.</p>`;
  const { queues: all, workers, breakersOpen, paused } = backlog;
  return html`<section aria-labelledby="machine"><h2 id="machine">The installation</h2><div class="tiles small">
${plain("Workers alive", workers, workers > 0 ? null : "nothing is read or delivered")}
${Object.entries(queueNames).map(([name, title]) => {
  const { depth, oldestS } = all[name as keyof typeof all];
  return plain(title, depth, oldestS > lateS ? `due for ${showSeconds(oldestS)}` : null);
})}
${plain("Connections paused", paused, breakersOpen > 0 ? `${breakersOpen} after errors` : null)}
</div></section>`;
}

function plain(name: string, value: number, problem: string | null): Html {
  return html`<div class="tile"><span class="value">${value}</span><span class="name">${name}</span>
${problem === null ? "" : html`<small class="bad">${problem}</small>`}</div>`;
}
