import { SaxesParser } from "saxes";
import { cellCharsMax, cellsMax, type FileRow, rowsMax, UnreadableFile } from "./rows.ts";
import { type ZipEntries, zipEntries } from "./zip-entries.ts";

/** A sheet of a million rows has some 600 MB of XML. */
const sheetBytesMax = 1536 * 1024 * 1024;
const stringsBytesMax = 512 * 1024 * 1024;
/** Characters of all shared texts that are held in memory. */
const stringsCharsMax = 96 * 1024 * 1024;

/**
 * The rows of the first sheet of a workbook (XLSX). The sheet is read piece by piece; of the workbook the archive and
 * its shared texts are in memory. Cells are texts as they are stored: a date may be a number of days.
 */
export async function* xlsxRows(bytes: Buffer): AsyncGenerator<FileRow> {
  const zip = await zipEntries(bytes);
  try {
    const sheet = firstSheet(zip);
    const strings = await sharedStrings(zip);
    yield* sheetRows(await zip.open(sheet, sheetBytesMax), strings);
  } finally {
    zip.close();
  }
}

/** Sheets are numbered in the order in which they were made; statements have one. */
function firstSheet({ names }: ZipEntries): string {
  const sheets = names.filter(name => /^xl\/worksheets\/[^/]+\.xml$/i.test(name));
  const [first] = sheets.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  if (first === undefined) throw new UnreadableFile("the workbook has no sheet");
  return first;
}

async function sharedStrings(zip: ZipEntries): Promise<string[]> {
  const name = zip.names.find(each => /^xl\/sharedStrings\.xml$/i.test(each));
  if (name === undefined) return [];
  const strings: string[] = [];
  let text = "";
  let isText = false;
  let chars = 0;
  const parser = newParser();
  parser.on("opentag", ({ name: tag }) => {
    if (local(tag) === "si") text = "";
    isText = local(tag) === "t";
  });
  parser.on("text", part => {
    if (isText && text.length < cellCharsMax) text += part;
  });
  parser.on("closetag", ({ name: tag }) => {
    isText = false;
    if (local(tag) !== "si") return;
    chars += text.length;
    if (chars > stringsCharsMax) throw new UnreadableFile("the workbook has more text than a statement has");
    strings.push(text.slice(0, cellCharsMax));
  });
  for await (const _ of parsed(parser, await zip.open(name, stringsBytesMax))) {
    // The events have taken what they need.
  }
  return strings;
}

async function* sheetRows(bytes: AsyncIterable<Buffer>, strings: readonly string[]): AsyncGenerator<FileRow> {
  const done: FileRow[] = [];
  let row: FileRow = { line: 0, cells: [] };
  let cell = { column: -1, type: "", text: "" };
  let isValue = false;
  let rows = 0;
  const parser = newParser();
  parser.on("opentag", ({ name, attributes }) => {
    const tag = local(name);
    if (tag === "row") row = { line: Number(attributes.r) || row.line + 1, cells: [] };
    if (tag === "c") {
      const column = columnOf(String(attributes.r ?? "")) ?? cell.column + 1;
      cell = { column, type: String(attributes.t ?? ""), text: "" };
    }
    isValue = tag === "v" || tag === "t";
  });
  parser.on("text", part => {
    if (isValue && cell.text.length < cellCharsMax) cell.text += part;
  });
  parser.on("closetag", ({ name }) => {
    const tag = local(name);
    isValue = false;
    if (tag === "c" && cell.column < cellsMax) row.cells[cell.column] = textOfCell(cell, strings);
    if (tag !== "row") return;
    cell = { column: -1, type: "", text: "" };
    rows += 1;
    if (rows > rowsMax) throw new UnreadableFile(`the file has more than ${rowsMax} rows`);
    const cells = Array.from(row.cells, text => text ?? "");
    if (cells.some(text => text !== "")) done.push({ line: row.line, cells });
  });
  for await (const _ of parsed(parser, bytes)) yield* done.splice(0);
  yield* done.splice(0);
}

function textOfCell({ type, text }: { type: string; text: string }, strings: readonly string[]): string {
  return (type === "s" ? (strings[Number(text)] ?? "") : text).slice(0, cellCharsMax).trim();
}

/** `C7` is the third column, 2. */
function columnOf(reference: string): number | null {
  const letters = /^([A-Z]{1,3})\d/.exec(reference)?.[1];
  if (letters === undefined) return null;
  return [...letters].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

/** Feeds the parser, and yields after each piece. A document with a type declaration, which could grow, is refused. */
async function* parsed(parser: ReturnType<typeof newParser>, bytes: AsyncIterable<Buffer>): AsyncGenerator<void> {
  const decoder = new TextDecoder();
  try {
    for await (const chunk of bytes) {
      parser.write(decoder.decode(chunk, { stream: true }));
      yield;
    }
    parser.close();
  } catch (error) {
    if (error instanceof UnreadableFile || !(error instanceof MalformedXml)) throw error;
    throw new UnreadableFile("the workbook's XML is damaged");
  }
}

class MalformedXml extends Error {}

function newParser() {
  const parser = new SaxesParser();
  parser.on("error", () => {
    throw new MalformedXml();
  });
  parser.on("doctype", () => {
    throw new UnreadableFile("the workbook's XML has a type declaration, which no workbook has");
  });
  return parser;
}

const local = (name: string) => name.slice(name.indexOf(":") + 1);
