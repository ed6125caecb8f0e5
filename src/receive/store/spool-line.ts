import { createReadStream } from "node:fs";
import type { Vault } from "../../database/vault/vault.ts";
import type { CallbackRecord, RecordBatch } from "./callback-record.ts";

type Line = { batchId: string; rows: { record: Record<string, unknown>; copies: number }[] };

const newline = 0x0a;

/** A batch as one line of the spool: sealed, in base64, which has no newline. */
export function toLine(batch: RecordBatch, vault: Vault): Buffer {
  const line: Line = {
    batchId: batch.batchId,
    rows: batch.rows.map(({ record, copies }) => ({
      copies,
      record: { ...record, digest: record.digest.toString("base64"), body: record.body.toString("base64") },
    })),
  };
  return Buffer.from(`${vault.sealJson("spool", batch.batchId, line).toString("base64")} ${batch.batchId}\n`);
}

/**
 * Null for a line that is not a batch, such as the half line of a crash; the senders of its callbacks were not
 * answered.
 */
export function fromLine(text: Buffer, vault: Vault): RecordBatch | null {
  let line: Line;
  try {
    line = JSON.parse(plainOf(text.toString(), vault)) as Line;
  } catch {
    return null;
  }
  if (typeof line?.batchId !== "string" || !Array.isArray(line.rows)) return null;
  return {
    batchId: line.batchId,
    rows: line.rows.map(({ record, copies }) => ({
      copies,
      record: {
        // Lines of versions before these fields were kept.
        method: "POST",
        query: "",
        ...(record as unknown as Omit<CallbackRecord, "method" | "query">),
        receivedAt: new Date(record.receivedAt as string),
        digest: Buffer.from(record.digest as string, "base64"),
        body: Buffer.from(record.body as string, "base64"),
      },
    })),
  };
}

/** Lines from before the spool was sealed are JSON. */
function plainOf(text: string, vault: Vault): string {
  if (text.startsWith("{")) return text;
  const [sealed = "", batchId = ""] = text.split(" ");
  return vault.open("spool", batchId, Buffer.from(sealed, "base64")).toString("utf8");
}

/**
 * The lines of a file. `isWhole`: the line ends with a newline. Node's readline also splits at U+2028, which JSON does
 * not escape.
 */
export async function* linesOf(path: string): AsyncGenerator<{ text: Buffer; isWhole: boolean }> {
  let pieces: Buffer[] = [];
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      yield { text: Buffer.concat([...pieces, chunk.subarray(from, end)]), isWhole: true };
      pieces = [];
      from = end + 1;
    }
    if (from < chunk.length) pieces.push(chunk.subarray(from));
  }
  if (pieces.length > 0) yield { text: Buffer.concat(pieces), isWhole: false };
}
