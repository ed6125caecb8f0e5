import { kindNames, reviewReasons, statuses } from "../../domain/kinds.ts";
import { maskPhone } from "../../domain/phone.ts";
import type { TransactionJson } from "../../domain/transaction-json.ts";
import { html } from "../html.ts";
import { badge, idLink, showMoney, showTime } from "../show.ts";
import { type Column, listPage } from "./list-page.ts";

/** As rows of any list of transactions; phones are masked there. */
export const transactionColumns: Column<TransactionJson>[] = [
  { head: "Created", cell: t => showTime(t.created_at) },
  { head: "Transaction", cell: t => idLink("transactions", t.id) },
  { head: "Kind", cell: t => html`${t.kind.replaceAll("_", " ")} <small>${t.provider}</small>` },
  { head: "Reference", cell: t => t.reference },
  { head: "Amount", cell: t => showMoney(t.amount, t.currency), numeric: true },
  { head: "Phone", cell: t => (t.phone === null ? null : html`<span class="phone">${maskPhone(t.phone)}</span>`) },
  {
    head: "Status",
    cell: t =>
      html`${badge(t.status)} ${t.review === null ? "" : html`<small class="bad">${words(t.review.reason)}</small>`}`,
  },
];

function words(name: string): string {
  return name.replaceAll("_", " ");
}

export const transactionsPage = listPage<TransactionJson>({
  title: "Transactions",
  path: "/console/transactions",
  section: "transactions",
  source: "/v1/transactions",
  filters: [
    { name: "status", label: "Status", options: statuses },
    { name: "provider", label: "Provider", options: visit => visit.providers },
    { name: "kind", label: "Kind", options: kindNames },
    { name: "reference", label: "Reference" },
    { name: "provider_ref", label: "Receipt or id" },
    { name: "connection_id", label: "Connection" },
  ],
  columns: transactionColumns,
  empty: "No transactions match.",
});

export const reviewsPage = listPage<TransactionJson>({
  title: "Reviews",
  path: "/console/reviews",
  section: "reviews",
  source: "/v1/transactions",
  always: { review: "true" },
  filters: [{ name: "review", label: "Reason", options: reviewReasons }],
  columns: [
    { head: "Since", cell: t => showTime(t.review?.since) },
    { head: "Transaction", cell: t => idLink("transactions", t.id) },
    {
      head: "Why",
      cell: t => html`<strong>${words(t.review?.reason ?? "")}</strong><br><small>${t.review?.detail}</small>`,
    },
    { head: "Reference", cell: t => t.reference },
    { head: "Amount", cell: t => showMoney(t.amount, t.currency), numeric: true },
    { head: "Status", cell: t => badge(t.status) },
    { head: "", cell: t => html`<a class="button" href="/console/transactions/${t.id}#resolve">Resolve</a>` },
  ],
  empty: "Nothing waits for a decision.",
});
