import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { isTimeout, isUnavailable, withTimeout } from "../../database/unavailable.ts";
import type { CallbackRecord, RecordBatch } from "./callback-record.ts";
import type { Spool } from "./spool.ts";

/** Keeps callbacks on disk before anybody is answered. */
export type Keeper = {
  /** Resolves once the bytes are safe: `kept`; or `unavailable`, when neither database nor spool takes them, or too many wait. */
  keep(record: CallbackRecord): Promise<"kept" | "unavailable">;
  /** Whether the database takes callbacks at the moment. */
  isAway(): boolean;
  /** Finishes what waits, then stops. */
  drain(): Promise<void>;
};

export type KeeperDeps = {
  write: (batch: RecordBatch) => Promise<void>;
  /** A cheap question to find out whether the database is back. */
  probe: () => Promise<void>;
  /** Told where no answer came in time: what is written next should go another way. */
  onSilence?: () => void;
  spool: Spool;
  log: Logger;
  /** Told after each commit which shards have something to read. */
  onKept: (shards: Set<number>) => void;
  /** Told of each batch that is on disk, and how many ms that took. */
  onBatch?: (batch: RecordBatch, to: "database" | "spool", ms: number) => void;
};

const rowsMax = 500;
const batchBytesMax = 8 * 1024 * 1024;
const waitingMax = 20_000;
const waitingBytesMax = 64 * 1024 * 1024;
/** A database that does not answer for so long counts as away: that is promised to providers. */
const awayAfterMs = 3_000;
const probeEveryMs = 500;
const catchUpPassesMax = 10;

type Waiting = { record: CallbackRecord; copies: number; tell: ((result: "kept" | "unavailable") => void)[] };

/**
 * Group commit: one batch is in flight, whatever arrives meanwhile is the next; a lone callback waits for nobody, for there is no
 * timer. Copies of one piece of news share a row of the batch.
 */
export function createKeeper(deps: KeeperDeps): Keeper {
  const { write, probe, spool, log, onKept, onSilence = () => {}, onBatch = () => {} } = deps;
  let waiting = new Map<string, Waiting>();
  let waitingBytes = 0;
  let busy = false;
  let away = false;
  let closing = false;
  /** What the database did when a drain stopped at it, and whether the spool itself could not be read. */
  let wentAway: unknown = null;
  let isUnread = false;
  const idle: (() => void)[] = [];
  let prober: NodeJS.Timeout | null = null;

  async function pump(): Promise<void> {
    busy = true;
    // What arrives in this turn of the event loop goes along.
    await new Promise<void>(resolve => setImmediate(resolve));
    while (waiting.size > 0) {
      const rows = take();
      await keepBatch(rows);
    }
    busy = false;
    for (const resolve of idle.splice(0)) resolve();
  }

  function take(): Waiting[] {
    if (waiting.size <= rowsMax && waitingBytes <= batchBytesMax) {
      const all = [...waiting.values()];
      waiting = new Map();
      waitingBytes = 0;
      return all;
    }
    const rows: Waiting[] = [];
    let bytes = 0;
    for (const [key, row] of waiting) {
      if (rows.length === rowsMax || (rows.length > 0 && bytes + row.record.body.length > batchBytesMax)) break;
      rows.push(row);
      bytes += row.record.body.length;
      waiting.delete(key);
    }
    waitingBytes -= bytes;
    return rows;
  }

  async function keepBatch(rows: Waiting[]): Promise<void> {
    const batch: RecordBatch = { batchId: randomUUID(), rows: rows.map(({ record, copies }) => ({ record, copies })) };
    const startedMs = performance.now();
    if (!away) {
      try {
        await withTimeout(write(batch), awayAfterMs);
        const ms = performance.now() - startedMs;
        settle(rows, "kept");
        onKept(new Set(rows.map(row => row.record.shard)));
        onBatch(batch, "database", ms);
        return;
      } catch (error) {
        if (!isUnavailable(error)) return await splitOrRefuse(rows, error);
        goAway(error);
      }
    }
    try {
      await spool.append(batch);
      const ms = performance.now() - startedMs;
      settle(rows, "kept");
      onBatch(batch, "spool", ms);
    } catch (error) {
      log.error({ err: error, callbacks: rows.length }, "neither database nor spool takes callbacks: answering 503");
      settle(rows, "unavailable");
    }
  }

  /** A row that the database refuses must not cost its neighbours their answer. */
  async function splitOrRefuse(rows: Waiting[], error: unknown): Promise<void> {
    if (rows.length > 1) {
      const middle = rows.length >> 1;
      await keepBatch(rows.slice(0, middle));
      await keepBatch(rows.slice(middle));
      return;
    }
    log.error({ err: error, callback_id: rows[0]?.record.id }, "the database refuses a callback");
    settle(rows, "unavailable");
  }

  function goAway(error: unknown): void {
    away = true;
    if (isTimeout(error)) onSilence();
    log.warn({ err: error }, "the database is away: callbacks go to the spool");
    scheduleProbe();
  }

  function scheduleProbe(): void {
    prober ??= setTimeout(async () => {
      prober = null;
      try {
        await withTimeout(probe(), awayAfterMs);
        let drained = await drainSpool();
        // What came meanwhile was spooled too, behind what was there before; then new ones go straight to the database.
        for (let pass = 0, more = drained; pass < catchUpPassesMax && more > 0; pass += 1) {
          more = await drainSpool();
          drained += more;
        }
        away = false;
        drained += await drainSpool();
        if (isUnread && !closing) scheduleProbe();
        else log.info({ drained }, "the database is back: the spool is drained");
      } catch (error) {
        away = true;
        if (isTimeout(error)) onSilence();
        if (!closing) scheduleProbe();
      }
    }, probeEveryMs);
  }

  /** A spool that cannot be read keeps nobody from the database: what it holds is tried again with every probe. */
  async function drainSpool(): Promise<number> {
    const wasUnread = isUnread;
    isUnread = false;
    try {
      return await spool.drain(async batch => {
        await writeOrSplit(batch);
        onKept(new Set(batch.rows.map(row => row.record.shard)));
      });
    } catch (error) {
      if (error === wentAway) throw error;
      isUnread = true;
      if (!wasUnread) log.error({ err: error }, "the spool cannot be read: what it holds waits");
      return 0;
    }
  }

  async function writeOrSplit(batch: RecordBatch): Promise<void> {
    try {
      await withTimeout(write(batch), awayAfterMs * 5);
    } catch (error) {
      if (isUnavailable(error)) {
        wentAway = error;
        throw error;
      }
      if (batch.rows.length === 1) {
        // It was answered: it must not be lost, only out of the way.
        log.error({ err: error, callback_id: batch.rows[0]?.record.id }, "the database refuses a spooled callback");
        await spool.setAside(batch);
        return;
      }
      const middle = batch.rows.length >> 1;
      await writeOrSplit({ ...batch, rows: batch.rows.slice(0, middle) });
      await writeOrSplit({ ...batch, rows: batch.rows.slice(middle) });
    }
  }

  // What an earlier process left in the spool is drained as after an outage.
  if (spool.bytes() > 0) {
    away = true;
    scheduleProbe();
  }

  return {
    keep(record) {
      if (waiting.size >= waitingMax || waitingBytes + record.body.length > waitingBytesMax) {
        return Promise.resolve("unavailable");
      }
      return new Promise(resolve => {
        const key = `${record.connectionId}|${record.channel}|${record.key}|${record.digest.toString("base64")}`;
        const same = waiting.get(key);
        if (same) {
          same.copies += 1;
          same.tell.push(resolve);
        } else {
          waiting.set(key, { record, copies: 1, tell: [resolve] });
          waitingBytes += record.body.length;
        }
        if (!busy) void pump();
      });
    },
    isAway: () => away,
    async drain() {
      closing = true;
      if (prober) clearTimeout(prober);
      if (busy) await new Promise<void>(resolve => idle.push(resolve));
      await spool.close();
    },
  };
}

function settle(rows: Waiting[], result: "kept" | "unavailable"): void {
  for (const row of rows) for (const tell of row.tell) tell(result);
}
