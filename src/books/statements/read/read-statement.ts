import type { LineTexts, Preamble, StatementField, StatementFormat } from "../../../providers/statement.ts";
import { type Header, headerOf, isHeaderAgain, missingColumns, type NamedColumns } from "./header.ts";
import { type LineContext, readLine, type StatementLine } from "./line.ts";
import { type FileRow, UnreadableFile } from "./rows.ts";

/** What a statement says first, told once, and then its lines. */
export type StatementPart = { kind: "preamble"; preamble: Preamble } | { kind: "line"; line: StatementLine };

/** Rows above the header; M-Pesa's have about six. */
const preambleRowsMax = 100;

/**
 * Reads the rows of a file as a statement: what stands above the header, the header by the names of its columns, and
 * the lines. A file without a known header is an `UnreadableFile`.
 */
export async function* readStatement(
  rows: AsyncIterable<FileRow>,
  { formats, named }: { formats: readonly StatementFormat[]; named: NamedColumns | null },
  context: LineContext,
): AsyncGenerator<StatementPart> {
  let found: { header: Header; format: StatementFormat } | null = null;
  const above: string[][] = [];
  let seq = 0;
  for await (const { line, cells } of rows) {
    if (found === null) {
      found = findHeader(cells, formats);
      if (found !== null) {
        checkNamed(named, found.header);
        yield { kind: "preamble", preamble: preambleOf(above, found.format) };
      } else if (above.push(cells) > preambleRowsMax) throw noHeader(formats);
      continue;
    }
    seq += 1;
    const { header, format } = found;
    // Pages of a printed statement repeat the header; what stands alone in a row is a remark.
    if (isHeaderAgain(cells, header, format) || cells.filter(cell => cell !== "").length < 2) continue;
    yield { kind: "line", line: readLine(textsOf(cells, header), { seq, line }, context) };
  }
  if (found === null) throw noHeader(formats);
}

function findHeader(cells: readonly string[], formats: readonly StatementFormat[]) {
  for (const format of formats) {
    const header = headerOf(cells, format);
    if (header !== null) return { header, format };
  }
  return null;
}

function checkNamed(named: NamedColumns | null, header: Header): void {
  const missing = named === null ? [] : missingColumns(named, header);
  if (missing.length > 0) throw new UnreadableFile(`the header has no column ${missing.join(", ")}`);
}

function preambleOf(rows: readonly string[][], format: StatementFormat): Preamble {
  return rows.reduce<Preamble>((known, cells) => format.preamble(cells, known), {});
}

function textsOf(cells: readonly string[], header: Header): LineTexts {
  const entries = Object.entries(header) as [StatementField, number][];
  return Object.fromEntries(entries.map(([field, at]) => [field, cells[at] ?? ""]).filter(([, text]) => text !== ""));
}

function noHeader(formats: readonly StatementFormat[]): UnreadableFile {
  const names = formats.map(({ columns }) => [columns.receipt?.[0], columns.completed_at?.[0]].join(", ")).join("; ");
  return new UnreadableFile(
    `no row has the names of its columns${names === "" ? "" : ` (${names}, …)`}: name them in the parameter columns`,
  );
}
