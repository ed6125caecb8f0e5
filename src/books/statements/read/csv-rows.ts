import { Readable } from "node:stream";
import { CsvError, type CsvErrorCode, parse } from "csv-parse";
import { cellCharsMax, cellsMax, type FileRow, rowsMax, UnreadableFile } from "./rows.ts";

const recordCharsMax = 64 * 1024;
const separators = [",", ";", "\t"] as const;
/** Enough of the file for the preamble and the header. */
const sniffedChars = 8 * 1024;

type Record = { info: { lines: number }; record: string[] };

/** The rows of a CSV file (UTF-8, or UTF-16 with its mark), separated by commas, semicolons or tabs. */
export async function* csvRows(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<FileRow> {
  const texts = decode(bytes);
  const start = await firstText(texts);
  const parser = parse({
    delimiter: separatorOf(start),
    bom: true,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: recordCharsMax,
  });
  const source = Readable.from(concat(start, texts));
  source.once("error", error => parser.destroy(error));
  try {
    let rows = 0;
    for await (const { info, record } of source.pipe(parser) as AsyncIterable<Record>) {
      rows += 1;
      if (rows > rowsMax) throw new UnreadableFile(`the file has more than ${rowsMax} rows`);
      yield { line: info.lines, cells: record.slice(0, cellsMax).map(cell => cell.slice(0, cellCharsMax).trim()) };
    }
  } catch (error) {
    if (error instanceof CsvError) throw new UnreadableFile(`the file is no CSV (${wordsOf(error.code)})`);
    throw error;
  } finally {
    source.destroy();
  }
}

const wordsOf = (code: CsvErrorCode) => code.toLowerCase().replaceAll("_", " ").replace(/^csv /, "");

/** What separates the cells of the header: the sign that its longest line has most of. */
function separatorOf(start: string): string {
  const lines = start.split(/\r?\n/).slice(0, 40);
  const most = (separator: string) => Math.max(...lines.map(line => line.split(separator).length));
  return [...separators].sort((a, b) => most(b) - most(a))[0]!;
}

/** The encoding by the file's mark; UTF-8 where it has none. Bytes that are none of its characters end the reading. */
async function* decode(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  let read = 0;
  const text = (chunk?: Uint8Array) => {
    try {
      return decoder!.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new UnreadableFile(
        `the file is not ${decoder!.encoding.toUpperCase()} text after its first ${read} bytes: ` +
          "save it as CSV in UTF-8, or upload it as XLSX",
      );
    }
  };
  for await (const chunk of bytes) {
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
    yield text(chunk);
    read += chunk.length;
  }
  if (decoder) yield text();
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

async function firstText(texts: AsyncGenerator<string>): Promise<string> {
  let start = "";
  while (start.length < sniffedChars) {
    const { value, done } = await texts.next();
    if (done) break;
    start += value;
  }
  return start;
}

async function* concat(start: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (start !== "") yield start;
  yield* rest;
}
