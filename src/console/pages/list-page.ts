import type { Got } from "../api-client.ts";
import { type Html, html } from "../html.ts";
import type { Page, Visit } from "../page-request.ts";

/** A field to filter by, named as the API names it. With `options` it is a choice, else a text. */
export type Filter = {
  name: string;
  label: string;
  options?: readonly string[] | ((visit: Visit) => readonly string[]);
};
export type Column<Row> = { head: string; cell(row: Row): Html | string | null; numeric?: true };

export type List<Row> = {
  title: string;
  path: string;
  section: string;
  /** The API's list. */
  source: string;
  /** What the list filters by where the visitor chose nothing else. */
  always?: Record<string, string>;
  filters: Filter[];
  columns: Column<Row>[];
  empty: string;
  /** What the API's list leaves out of a row, and the page shows. */
  complete?: (visit: Visit, row: Row) => Promise<Row>;
};

type PageOf<Row> = { data: Row[]; next_cursor: string | null };

/** A page made of one of the API's lists: its filters, a table, the way to the next page. */
export function listPage<Row>(list: List<Row>): Page {
  return {
    path: list.path,
    section: list.section,
    async show(visit) {
      const filters = visit.isAdmin ? [...list.filters, { name: "merchant_id", label: "Merchant" }] : list.filters;
      const chosen = Object.fromEntries(
        filters.flatMap(({ name }) => (visit.query[name] ? [[name, visit.query[name]]] : [])),
      );
      const cursor = visit.query.cursor ? { cursor: visit.query.cursor } : undefined;
      const got = await visit.api.get<PageOf<Row>>(list.source, { ...list.always, ...chosen, ...cursor });
      // A filter that cannot be read is the visitor's to mend, on the same page.
      if (got.kind === "refused" && got.status !== 422 && got.status !== 404) return got;
      const rows = got.kind === "refused" ? [] : await completed(list, visit, got.value.data);
      const body = html`<h1>${list.title}</h1>
${filterForm(list.path, filters, chosen, visit)}
${got.kind === "refused" ? html`<p class="notice bad" role="alert">${got.detail}</p>` : table(list.columns, rows, list.empty, list.title)}
${pager(list.path, chosen, cursor !== undefined, got)}`;
      return { kind: "page", title: list.title, body };
    },
  };
}

async function completed<Row>({ complete }: List<Row>, visit: Visit, rows: Row[]): Promise<Row[]> {
  return complete === undefined ? rows : Promise.all(rows.map(row => complete(visit, row)));
}

/** On a narrow screen rows are cards, by style alone; the roles keep it a table for those who hear it. */
export function table<Row>(columns: Column<Row>[], rows: Row[], empty: string, label: string): Html {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table role="table">
<thead role="rowgroup"><tr role="row">${columns.map(({ head, numeric }) => html`<th scope="col" role="columnheader" class="${numeric ? "num" : ""}">${head}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map(
    row =>
      html`<tr role="row">${columns.map(({ head, cell, numeric }) => html`<td role="cell" class="${numeric ? "num" : ""}" data-head="${head}">${cell(row)}</td>`)}</tr>`,
  )}</tbody>
</table></div>`;
}

function filterForm(path: string, filters: Filter[], chosen: Record<string, string>, visit: Visit): Html {
  if (filters.length === 0) return html``;
  return html`<form class="filters" method="get" action="${path}" role="search">
${filters.map(({ name, label, options }) => html`<label>${label}${field(name, chosen[name] ?? "", options, visit)}</label>`)}
<button type="submit">Filter</button>${Object.keys(chosen).length > 0 ? html`<a href="${path}">Clear</a>` : ""}
</form>`;
}

function field(name: string, value: string, options: Filter["options"], visit: Visit): Html {
  if (options === undefined) return html`<input name="${name}" value="${value}" autocomplete="off" spellcheck="false">`;
  const words = typeof options === "function" ? options(visit) : options;
  return html`<select name="${name}"><option value="">any</option>${words.map(
    word => html`<option value="${word}" ${word === value ? html`selected` : ""}>${word.replaceAll("_", " ")}</option>`,
  )}</select>`;
}

function pager<Row>(path: string, chosen: Record<string, string>, isLater: boolean, got: Got<PageOf<Row>>): Html {
  const next = got.kind === "got" ? got.value.next_cursor : null;
  if (next === null && !isLater) return html``;
  const link = (query: Record<string, string>, text: string) =>
    html`<a class="button" href="${path}?${new URLSearchParams(query).toString()}">${text}</a>`;
  return html`<nav class="pager" aria-label="Pages">${isLater ? link(chosen, "Newest") : ""}${next === null ? "" : link({ ...chosen, cursor: next }, "Older")}</nav>`;
}
