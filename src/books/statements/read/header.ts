import { type StatementField, type StatementFormat, statementFields } from "../../../providers/statement.ts";

/** Names of a file's columns by what they hold, as an upload says them. */
export type NamedColumns = Readonly<Partial<Record<StatementField, string>>>;

/** Where each field of a line stands: the position of its cell. */
export type Header = Partial<Record<StatementField, number>>;

/** The header in a row, by a format's names; null where the row is none. */
export function headerOf(cells: readonly string[], { columns }: Pick<StatementFormat, "columns">): Header | null {
  const names = cells.map(comparable);
  const header: Header = {};
  for (const field of statementFields) {
    const at = (columns[field] ?? []).map(name => names.indexOf(comparable(name))).find(position => position >= 0);
    if (at !== undefined) header[field] = at;
  }
  const hasAmount = ["amount", "paid_in", "withdrawn"].some(field => field in header);
  return "receipt" in header && "completed_at" in header && hasAmount ? header : null;
}

/** The columns that an upload names, as a format: every named column has to be in the header. */
export function namedFormat(named: NamedColumns): StatementFormat {
  const columns = Object.fromEntries(Object.entries(named).map(([field, name]) => [field, [name]]));
  return { id: "columns", columns, preamble: (_cells, known) => known };
}

/** Whether a header has every column that was named. */
export function missingColumns(named: NamedColumns, header: Header): string[] {
  return Object.entries(named).flatMap(([field, name]) => (field in header ? [] : [name]));
}

/** Whether a row below the header repeats it. */
export function isHeaderAgain(cells: readonly string[], header: Header, { columns }: Pick<StatementFormat, "columns">) {
  const name = comparable(cells[header.receipt!] ?? "");
  return (columns.receipt ?? []).some(each => comparable(each) === name);
}

/** In small letters, without what stands in parentheses: `Paid In (KSHs)` is `paid in`. */
function comparable(name: string): string {
  return name
    .replace(/\([^)]*\)/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();
}
