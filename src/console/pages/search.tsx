import { ErrorNotice } from "../components/notice.tsx";
import { Table } from "../components/table.tsx";
import { words } from "../components/words.ts";
import type { PageRoute } from "../page-route.ts";

type Found = { type: string; id: string; merchant_id: string | null; title: string; matched: string };

/** The pages of things by their type; a type without a page is shown without a link. */
const sectionOf: Record<string, string> = {
  transaction: "transactions",
  callback: "callbacks",
  event: "events",
  delivery: "deliveries",
  endpoint: "endpoints",
  connection: "connections",
  alert: "alerts",
};

export const searchPage: PageRoute = {
  path: "/console/search",
  section: null,
  async render({ api, query, isAdmin }) {
    const q = query.q?.trim() ?? "";
    const result = q === "" ? null : await api.get<{ data: Found[] }>("/v1/search", { q });
    if (result?.kind === "refused" && result.status !== 422) return result;
    const merchant = {
      head: "Merchant",
      cell: (found: Found) => found.merchant_id && <code>{found.merchant_id}</code>,
    };
    const body = (
      <>
        <h1>{q === "" ? "Search" : `Search: ${q}`}</h1>
        {result?.kind === "refused" && <ErrorNotice>{result.detail}</ErrorNotice>}
        <Table
          label="Search"
          columns={[
            { head: "What", cell: ({ type }) => words(type) },
            { head: "Id", cell: found => <FoundId of={found} /> },
            { head: "Title", cell: ({ title }) => title },
            { head: "Found by", cell: ({ matched }) => words(matched) },
            ...(isAdmin ? [merchant] : []),
          ]}
          rows={result?.kind === "ok" ? result.value.data : []}
          empty="Nothing found. Receipts and references are compared in any letter case, phones in any form."
        />
      </>
    );
    return { kind: "page", title: "Search", body };
  },
};

function FoundId({ of: { type, id } }: { of: Found }) {
  const section = sectionOf[type];
  return section === undefined ? <code>{id}</code> : <a href={`/console/${section}/${id}`}>{id}</a>;
}
