import { environments, kindNames, statuses } from "../../domain/kinds.ts";
import { maskPhone } from "../../domain/phone.ts";
import type { TransactionJson } from "../../domain/transaction-json.ts";
import { Badge } from "../components/badge.tsx";
import { createdFilters } from "../components/filters.tsx";
import { IdLink } from "../components/id-link.tsx";
import { Money } from "../components/money.tsx";
import type { Column } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import { words } from "../components/words.ts";
import { listPage, providerFilter } from "./list-page.tsx";

/** Transactions as rows, on every page that lists some. Phone numbers are masked. */
export const transactionColumns: Column<TransactionJson>[] = [
  { head: "Created", cell: transaction => <Time at={transaction.created_at} /> },
  { head: "Transaction", cell: transaction => <IdLink section="transactions" id={transaction.id} /> },
  {
    head: "Kind",
    cell: ({ kind, provider, environment }) => (
      <>
        {words(kind)} <small>{provider}</small> {environment === "sandbox" && <Badge state="sandbox" />}
      </>
    ),
  },
  { head: "Reference", cell: transaction => transaction.reference },
  { head: "Amount", cell: ({ amount, currency }) => <Money amount={amount} currency={currency} />, numeric: true },
  {
    head: "Phone",
    cell({ phone, phone_masked }) {
      const shown = phone === null ? phone_masked : maskPhone(phone);
      return shown !== null && <span class="phone">{shown}</span>;
    },
  },
  {
    head: "Status",
    cell: ({ status, review }) => (
      <>
        <Badge state={status} /> {review !== null && <small class="danger-text">{words(review.reason)}</small>}
      </>
    ),
  },
];

export const transactionsPage = listPage<TransactionJson>({
  title: "Transactions",
  path: "/console/transactions",
  section: "transactions",
  source: "/v1/transactions",
  filters: [
    { name: "status", label: "Status", options: statuses },
    providerFilter,
    { name: "kind", label: "Kind", options: kindNames },
    { name: "environment", label: "Environment", options: environments },
    { name: "reference", label: "Reference" },
    { name: "provider_ref", label: "Receipt or provider id" },
    { name: "connection_id", label: "Connection" },
    ...createdFilters,
  ],
  columns: transactionColumns,
  links: [{ href: "/console/connections", text: "Request a payment or pay out: choose a connection" }],
  empty: "No transactions match.",
});
