import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { createGroupCommit, type PendingItem } from "../../batch/group-commit.ts";
import { halve } from "../../batch/halve.ts";
import { isUnavailable, withTimeout } from "../../database/unavailable.ts";
import type { ParsedBody } from "../../providers/provider.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { CallbackRecord, RecordBatch } from "./callback-record.ts";
import type { HandOver, HandOverLease, Queued } from "./hand-over.ts";
import type { InboxDatabase } from "./inbox-database-store.ts";
import { startOutageWatch, unavailableAfterMs } from "./outage.ts";
import { publishKept } from "./publish-kept.ts";
import type { Spool } from "./spool.ts";
import { createSpoolCatchUp } from "./spool-catch-up.ts";

/** `kept`: on disk, in the database or in the spool. `unavailable`: neither took the callback, or too many wait. */
export type AppendResult = "kept" | "unavailable";

/** Writes callbacks to disk before their senders are answered: to the database, and to the spool during an outage. */
export type InboxWriter = {
  /** Resolves once the callback is on disk, or is refused. With `parsed`, its body, this process may settle it. */
  append(record: CallbackRecord, parsed?: ParsedBody | null): Promise<AppendResult>;
  /** Whether callbacks go to the spool at the moment. */
  isDatabaseUnavailable(): boolean;
  /** Writes the callbacks that wait, then closes the spool. */
  drain(): Promise<void>;
};

export type InboxWriterDeps = {
  database: InboxDatabase;
  spool: Spool;
  log: Logger;
  /** Called after each commit with the shards that have callbacks to claim. */
  onKept: (shards: ReadonlySet<number>) => void;
  /** Null in a process that settles nothing. */
  handOver?: HandOver | null;
  telemetry: Telemetry;
};

type Row = RecordBatch["rows"][number] & { parsed: ParsedBody | null };
type PendingRow = PendingItem<Row, AppendResult>;

const mebibyte = 1024 * 1024;
const rowBounds = { batchMax: 500, waitingMax: 20_000 };
const byteBounds = { batchMax: 8 * mebibyte, waitingMax: 64 * mebibyte };

/**
 * Group commit of callbacks; copies of one callback in a batch share a row. A row that the database refuses is refused
 * alone.
 */
export function createInboxWriter(deps: InboxWriterDeps): InboxWriter {
  const { database, spool, log, telemetry, onKept, handOver = null } = deps;
  const catchUp = createSpoolCatchUp(deps);
  const outage = startOutageWatch({ database, catchUp, log, isSpoolEmpty: spool.bytes() === 0 });
  const commits = createGroupCommit<Row, AppendResult>({
    write: rows => halve(rows, { write: writeRows, refuse, isUnavailable }),
    ...rowBounds,
    bytes: { sizeOf: row => row.record.body.length, ...byteBounds },
    copies: { keyOf: rowKey, merge: addCopy },
  });

  /** Rejects only where the database refuses a row. */
  async function writeRows(rows: PendingRow[]): Promise<void> {
    const batch: RecordBatch = { batchId: randomUUID(), rows: rows.map(row => row.item) };
    const startedMs = performance.now();
    const lease = outage.isUnavailable() ? null : (handOver?.lease(rows.flatMap(toSettle)) ?? null);
    const queued = await writeToDatabase(batch, lease);
    const to = queued === null ? await writeToSpool(batch) : "database";
    const ms = performance.now() - startedMs;
    if (queued !== null && lease !== null) handOver?.kept(lease, queued.leasedIds);
    for (const row of rows) row.resolve(to === null ? "unavailable" : "kept");
    if (queued !== null && queued.freeShards.size > 0) onKept(queued.freeShards);
    if (to !== null) publishKept(telemetry, batch, to, ms);
  }

  async function writeToDatabase(batch: RecordBatch, lease: HandOverLease | null): Promise<Queued | null> {
    if (outage.isUnavailable()) return null;
    const written = database.write(batch, lease);
    try {
      return await withTimeout(written, unavailableAfterMs);
    } catch (error) {
      if (lease !== null) handOver?.notKept(lease, written);
      if (!isUnavailable(error)) throw error;
      outage.begin(error);
      return null;
    }
  }

  async function writeToSpool(batch: RecordBatch): Promise<"spool" | null> {
    try {
      await spool.append(batch);
      return "spool";
    } catch (error) {
      log.error({ err: error, callbacks: batch.rows.length }, "callbacks answered 503: database and spool unavailable");
      return null;
    }
  }

  function refuse(row: PendingRow, error: unknown): void {
    log.error({ err: error, callback_id: row.item.record.id }, "callback answered 503: the database rejected its row");
    row.resolve("unavailable");
  }

  return {
    append: (record, parsed = null) => commits.add({ record, copies: 1, parsed }) ?? Promise.resolve("unavailable"),
    isDatabaseUnavailable: outage.isUnavailable,
    async drain() {
      outage.stop();
      await commits.idle();
      await spool.close();
    },
  };
}

/** Copies: the same dedupe key and the same bytes. The same key with other bytes is another row. */
function rowKey({ record }: Row): string {
  return `${record.connectionId}|${record.channel}|${record.key}|${record.digest.toString("base64")}`;
}

function addCopy(first: Row, copy: Row): void {
  first.copies += copy.copies;
}

/** Of a callback that is to be read: what settling needs. */
function toSettle({ item: { record, parsed } }: PendingRow) {
  return parsed !== null && record.quarantine === null && record.answer === null ? [{ record, parsed }] : [];
}
