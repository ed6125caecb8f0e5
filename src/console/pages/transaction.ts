import { finalStatuses } from "../../domain/kinds.ts";
import type { TransactionJson } from "../../domain/transaction-json.ts";
import { type Html, html } from "../html.ts";
import type { Action, Page } from "../page-request.ts";
import { badge, facts, idLink, showJson, showMoney, showTime } from "../show.ts";

type Entry = { at: string } & (
  | {
      type: "evidence";
      source: string;
      strength: string;
      says: string;
      callback_id: string | null;
      provider_refs: Record<string, string>;
      amount: string | null;
      currency: string | null;
      result: { code: string; description: string } | null;
      note: string | null;
    }
  | {
      type: "decision";
      status: string;
      previous_status: string | null;
      status_source: string;
      version: number;
      review: { reason: string } | null;
    }
  | {
      type: "event";
      event_id: string;
      event_type: string;
      sequence: number | null;
      deliveries: { id: string; state: string; attempt_count: number }[];
    }
);
type Detailed = TransactionJson & { timeline: Entry[] };

export const transactionPage: Page = {
  path: "/console/transactions/:id",
  section: "transactions",
  async show({ api, id }) {
    const got = await api.get<Detailed>(`/v1/transactions/${id}`);
    if (got.kind === "refused") return got;
    const t = got.value;
    const body = html`<h1>${showMoney(t.amount, t.currency)} ${badge(t.status)}</h1>
<p class="sub">${t.kind.replaceAll("_", " ")} over ${t.provider}, by ${t.status_source}, version ${t.version}</p>
${t.review === null ? "" : html`<p class="notice look" role="status"><strong>${t.review.reason.replaceAll("_", " ")}</strong> since ${showTime(t.review.since)}. ${t.review.detail}</p>`}
<div class="columns"><section aria-labelledby="what"><h2 id="what">What it is</h2>
${facts([
  ["Id", html`<code>${t.id}</code>`],
  ["Reference", t.reference],
  ["Phone", t.phone],
  ["Party", t.party_name],
  ["Result", t.result && `${t.result.code} ${t.result.description}`],
  ["Registered", t.registered ? "yes" : "no"],
  ["Occurred", t.occurred_at && showTime(t.occurred_at)],
  ["Created", showTime(t.created_at)],
  ["Updated", showTime(t.updated_at)],
  ["Connection", idLink("connections", t.connection_id)],
  ["Merchant", html`<code>${t.merchant_id}</code>`],
])}
${facts(Object.entries(t.provider_refs).map(([name, value]) => [words(name), html`<code>${value}</code>`]))}
${facts(Object.entries(t.details).map(([name, value]) => [words(name), String(value)]))}
${Object.keys(t.metadata).length === 0 ? "" : html`<h3>Metadata</h3>${showJson(t.metadata)}`}
</section>
<section aria-labelledby="how"><h2 id="how">How it came to be</h2>
<ol class="timeline">${t.timeline.map(entry => html`<li class="${entry.type}">${showTime(entry.at)} ${told(entry)}</li>`)}</ol>
</section></div>
${decide(t)}`;
    return { kind: "page", title: `Transaction ${t.reference ?? t.id}`, body };
  },
};

function told(entry: Entry): Html {
  switch (entry.type) {
    case "evidence":
      return html`<strong>${entry.source}</strong> says ${badge(entry.says)} <small>${entry.strength}</small>
${entry.amount === null ? "" : html`<strong>${showMoney(entry.amount, entry.currency)}</strong>`}
${entry.result === null ? "" : html`<span class="told">${entry.result.code}: ${entry.result.description}</span>`}
${entry.note === null ? "" : html`<q>${entry.note}</q>`}
${entry.callback_id === null ? "" : html`<span class="told">callback ${idLink("callbacks", entry.callback_id)}</span>`}`;
    case "decision":
      return html`decided ${entry.previous_status === null ? "" : html`${badge(entry.previous_status)} → `}${badge(entry.status)} <small>by ${entry.status_source}, version ${entry.version}</small>
${entry.review === null ? "" : html`<span class="told">${badge("review")} ${words(entry.review.reason)}</span>`}`;
    case "event":
      return html`told <a href="/console/events/${entry.event_id}">${entry.event_type}</a>
${entry.deliveries.map(each => html`<span class="told">${badge(each.state)} ${idLink("deliveries", each.id)} <small>${attempts(each.attempt_count)}</small></span>`)}
${entry.deliveries.length === 0 ? html`<small>to nobody</small>` : ""}`;
  }
}

function attempts(count: number): string {
  return count === 1 ? "1 attempt" : `${count} attempts`;
}

function decide(t: Detailed): Html {
  return html`<section id="resolve" aria-labelledby="decide"><h2 id="decide">Decide</h2>
<form method="post" action="/console/transactions/${t.id}/poll"><button type="submit">Ask the provider now</button></form>
<form method="post" action="/console/transactions/${t.id}/resolve" class="stack">
<p class="note">Your decision outranks all other evidence and closes the review. It is kept with your key and this note.</p>
<label>Status<select name="status" required>${finalStatuses.map(status => html`<option value="${status}">${status}</option>`)}</select></label>
<label>Note<textarea name="note" required maxlength="2000" rows="3"></textarea></label>
<button type="submit" class="primary">Decide</button></form></section>`;
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}

export const resolveAction: Action = {
  path: "/console/transactions/:id/resolve",
  async act({ api, id }, form) {
    const got = await api.post(`/v1/transactions/${id}/resolve`, { status: form.status ?? "", note: form.note ?? "" });
    return got.kind === "refused" ? got : { kind: "done", to: `/console/transactions/${id}`, done: "resolved" };
  },
};

export const pollAction: Action = {
  path: "/console/transactions/:id/poll",
  async act({ api, id }) {
    const got = await api.post(`/v1/transactions/${id}/poll`);
    return got.kind === "refused" ? got : { kind: "done", to: `/console/transactions/${id}`, done: "polled" };
  },
};
