import { visible } from "./visible.ts";

/** A column of a table: its heading, and a row's value. `right` aligns numbers. */
export type TableColumn<Row> = { heading: string; of: (row: Row) => unknown; right?: boolean };

/** Rows as aligned columns, without colours, for a terminal or a file. */
export function tableOf<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[], empty = "none"): string {
  if (rows.length === 0) return `(${empty})`;
  const lines = [columns.map(({ heading }) => heading), ...rows.map(row => columns.map(({ of }) => lineOf(of(row))))];
  const widths = columns.map((_, at) => Math.max(...lines.map(line => line[at]!.length)));
  return lines
    .map(line =>
      line
        .map((cell, at) => (columns[at]!.right ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Names and values, one to a line, without empty ones. */
export function factsOf(facts: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown
    .map(
      ([name, value]) =>
        `${name.padEnd(width)}  ${visible(cellOf(value)).replaceAll("\n", `\n${" ".repeat(width + 2)}`)}`,
    )
    .join("\n");
}

/** A cell is one line: a newline from outside must not begin a row. */
function lineOf(value: unknown): string {
  return visible(cellOf(value)).replaceAll("\n", "\\n");
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined || value === "") return "-";
  if (Array.isArray(value)) return value.length === 0 ? "-" : value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
