import type { Child } from "hono/jsx";
import { Filters, type ListFilter } from "../components/filters.tsx";
import type { Section } from "../components/layout.tsx";
import { ErrorNotice } from "../components/notice.tsx";
import { Pager } from "../components/pager.tsx";
import { type Column, Table } from "../components/table.tsx";
import type { ApiResult } from "../console-api.ts";
import { instantIn } from "../local-time.ts";
import type { PageRequest } from "../page-request.ts";
import type { PageRoute } from "../page-route.ts";

type ListDefinition<Row> = {
  title: string;
  path: string;
  section: Section;
  /** The path of the list in the API. */
  source: string;
  /** Filters that apply unless the same filter is chosen on the page. */
  always?: Record<string, string>;
  /** What stands above the filters. */
  above?: (request: PageRequest) => Promise<Child>;
  filters: (ListFilter | ((request: PageRequest) => ListFilter))[];
  columns: Column<Row>[];
  /** What an empty list says. */
  empty: string;
  /** Links to pages that belong to the list. */
  links?: { href: string; text: string }[];
  /** What follows the list, such as a form for a new one. */
  after?: (request: PageRequest) => Child;
  /** Adds to a row what the API's list leaves out. */
  complete?: (request: PageRequest, row: Row) => Promise<Row>;
};

type RowsAndCursor<Row> = { data: Row[]; next_cursor: string | null };

/** The filter by provider, which several lists have. */
export const providerFilter = ({ providers }: PageRequest): ListFilter => ({
  name: "provider",
  label: "Provider",
  options: providers,
});

/** A page for one of the API's lists: its filters, a table, and links to the other pages of the list. */
export function listPage<Row>(list: ListDefinition<Row>): PageRoute {
  return {
    path: list.path,
    section: list.section,
    async render(request) {
      const filters = filtersOf(list, request);
      const chosen = chosenIn(filters, request.query);
      const { cursor } = request.query;
      const asked = inApiForm(filters, chosen, request.timeZone);
      const query = { ...list.always, ...asked, ...(cursor && { cursor }) };
      const result = await request.api.get<RowsAndCursor<Row>>(list.source, query);
      if (result.kind === "refused" && !isFilterError(result)) return result;
      const rows = result.kind === "ok" ? await completed(list, request, result.value.data) : [];
      const body = (
        <>
          <h1>{list.title}</h1>
          {list.above && (await list.above(request))}
          {list.links?.map(({ href, text }) => (
            <p>
              <a href={href}>{text}</a>
            </p>
          ))}
          <Filters path={list.path} filters={filters} chosen={chosen} />
          {result.kind === "refused" ? (
            <ErrorNotice>{result.detail}</ErrorNotice>
          ) : (
            <Table label={list.title} columns={list.columns} rows={rows} empty={list.empty} />
          )}
          <Pager
            path={list.path}
            query={chosen}
            isFirstPage={!cursor}
            nextCursor={result.kind === "ok" ? result.value.next_cursor : null}
          />
          {list.after?.(request)}
        </>
      );
      return { kind: "page", title: list.title, body };
    },
  };
}

/** Only the admin sees several merchants. */
function filtersOf<Row>({ filters }: ListDefinition<Row>, request: PageRequest): ListFilter[] {
  const own = filters.map(filter => (typeof filter === "function" ? filter(request) : filter));
  return request.isAdmin ? [...own, { name: "merchant_id", label: "Merchant" }] : own;
}

function chosenIn(filters: ListFilter[], query: Record<string, string>): Record<string, string> {
  return Object.fromEntries(filters.flatMap(({ name }) => (query[name] ? [[name, query[name]]] : [])));
}

/** Times as the API takes them: a person types those of the console's time zone. */
function inApiForm(filters: ListFilter[], chosen: Record<string, string>, timeZone: string): Record<string, string> {
  const isTime = (name: string) => filters.some(filter => filter.name === name && filter.isTime);
  return Object.fromEntries(
    Object.entries(chosen).map(([name, value]) => [name, isTime(name) ? instantIn(value, timeZone) : value]),
  );
}

/** A filter with an invalid value is corrected on the page of the list, so the error is shown there. */
function isFilterError(result: ApiResult<unknown>): boolean {
  return result.kind === "refused" && (result.status === 422 || result.status === 404);
}

async function completed<Row>({ complete }: ListDefinition<Row>, request: PageRequest, rows: Row[]): Promise<Row[]> {
  return complete === undefined ? rows : Promise.all(rows.map(row => complete(request, row)));
}
