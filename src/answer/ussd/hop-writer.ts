import type { Logger } from "pino";
import type { Queryable, Sql } from "../../database/connect.ts";
import type { Event } from "../../domain/events.ts";
import { endSessions } from "./end-sessions.ts";
import type { AnsweredHop } from "./hop.ts";
import { keepHops } from "./hop-store.ts";

export type HopWriterDeps = {
  sql: Sql;
  /** Writes events and what is owed to whom, inside the batch; answers the endpoints to wake after the commit. */
  fanOut: (tx: Queryable, shard: number, events: Event[]) => Promise<string[]>;
  /** Told after the commit. */
  wake?: (shard: number, endpointIds: string[]) => void;
  /** Whether an error means that the database is away, rather than that it refuses what it was given. */
  isAway: (error: unknown) => boolean;
  log: Logger;
};

export type HopWriter = {
  /** Takes a screen to keep; never throws, never waits. */
  keepHop(hop: AnsweredHop): void;
  /** Writes what waits, once, then stops. */
  drain(): Promise<void>;
};

const batchMax = 200;
/** About an hour of a busy service; what does not fit is lost to the listing, the callback itself is kept elsewhere. */
const waitingMax = 50_000;
const againMs = 500;

/**
 * Keeps screens after their answers, in batches: one is in flight, whatever comes meanwhile is the next. While the database is away
 * they wait here. A screen that ends its session ends it in the same database transaction, event included.
 */
export function createHopWriter(deps: HopWriterDeps): HopWriter {
  const { log } = deps;
  const waiting: AnsweredHop[] = [];
  let running: Promise<void> | null = null;
  let stopping = false;
  let again: NodeJS.Timeout | null = null;

  async function pump(): Promise<void> {
    // What is answered in this turn of the event loop goes along.
    await new Promise<void>(resolve => setImmediate(resolve));
    while (waiting.length > 0) {
      const shard = waiting[0]!.connection.shard;
      const batch = takeOf(waiting, shard);
      try {
        await write(deps, shard, batch);
      } catch (error) {
        waiting.unshift(...batch);
        log.warn({ err: error, waiting: waiting.length }, "USSD screens wait for the database");
        if (!stopping) again = setTimeout(start, againMs);
        return;
      }
    }
  }

  function start(): void {
    again = null;
    running ??= pump().finally(() => {
      running = null;
    });
  }

  return {
    keepHop(hop) {
      if (waiting.length >= waitingMax) {
        log.error({ connection_id: hop.connection.id }, "a USSD screen is not listed: too many wait for the database");
        return;
      }
      waiting.push(hop);
      if (again === null) start();
    },
    async drain() {
      stopping = true;
      if (again !== null) clearTimeout(again);
      await running;
      start();
      await running;
    },
  };
}

/** Takes up to 200 of one shard, in order. */
function takeOf(waiting: AnsweredHop[], shard: number): AnsweredHop[] {
  const batch: AnsweredHop[] = [];
  for (let at = 0; at < waiting.length && batch.length < batchMax; at += 1) {
    if (waiting[at]!.connection.shard === shard) batch.push(waiting[at]!);
  }
  const taken = new Set(batch);
  waiting.splice(0, waiting.length, ...waiting.filter(hop => !taken.has(hop)));
  return batch;
}

/** A batch that the database refuses is halved until the one it cannot take is alone. */
async function write(deps: HopWriterDeps, shard: number, batch: AnsweredHop[]): Promise<void> {
  try {
    const wake = await deps.sql.begin(async tx => {
      const ended = await keepHops(tx, shard, batch);
      return deps.fanOut(tx, shard, await endSessions(tx, shard, ended, "answer"));
    });
    if (wake.length > 0) deps.wake?.(shard, wake);
  } catch (error) {
    if (deps.isAway(error)) throw error;
    if (batch.length === 1) {
      const [hop] = batch;
      deps.log.error({ err: error, connection_id: hop!.connection.id }, "the database refuses a USSD screen");
      return;
    }
    const middle = batch.length >> 1;
    await write(deps, shard, batch.slice(0, middle));
    await write(deps, shard, batch.slice(middle));
  }
}
