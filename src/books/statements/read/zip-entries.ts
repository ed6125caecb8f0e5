import { Transform } from "node:stream";
import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import { UnreadableFile } from "./rows.ts";

const entriesMax = 2_000;

/** The files of an archive in memory, by name. Opening one inflates it piece by piece, `bytesMax` at most. */
export type ZipEntries = {
  names: readonly string[];
  open(name: string, bytesMax: number): Promise<AsyncIterable<Buffer>>;
  close(): void;
};

/** Reads the list of an archive's files. A file that is no archive, or has too many, is an `UnreadableFile`. */
export async function zipEntries(bytes: Buffer): Promise<ZipEntries> {
  const zip = await openZip(bytes);
  const entries = await listEntries(zip);
  return {
    names: [...entries.keys()],
    close: () => zip.close(),
    async open(name, bytesMax) {
      const entry = entries.get(name);
      if (entry === undefined) throw new UnreadableFile(`the workbook has no ${name}`);
      if (entry.uncompressedSize > bytesMax) throw tooLarge(name);
      const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
        zip.openReadStream(entry, (error, opened) => (error ? reject(damaged()) : resolve(opened))),
      );
      const limit = bounded(name, bytesMax);
      stream.once("error", () => limit.destroy(damaged()));
      return stream.pipe(limit);
    },
  };
}

/** The size in the list is the sender's word: what is inflated is counted. */
function bounded(name: string, bytesMax: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(tooLarge(name));
      else done(null, chunk);
    },
  });
}

function openZip(bytes: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) =>
    fromBuffer(bytes, { lazyEntries: true, autoClose: false }, (error, zip) =>
      error ? reject(damaged()) : resolve(zip),
    ),
  );
}

function listEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  return new Promise((resolve, reject) => {
    zip.on("entry", (entry: Entry) => {
      entries.set(entry.fileName, entry);
      if (entries.size > entriesMax) reject(new UnreadableFile("the workbook has too many parts"));
      else zip.readEntry();
    });
    zip.once("end", () => resolve(entries));
    zip.once("error", () => reject(damaged()));
    zip.readEntry();
  });
}

const damaged = () => new UnreadableFile("the file is no workbook (XLSX), or is damaged");
const tooLarge = (name: string) => new UnreadableFile(`${name} of the workbook is larger than a statement is`);
