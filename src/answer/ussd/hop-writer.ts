import type { Logger } from "pino";
import { halve } from "../../batch/halve.ts";
import { createShardRunner } from "../../batch/shard-runner.ts";
import type { Queryable, Sql } from "../../database/connect.ts";
import { isUnavailable } from "../../database/unavailable.ts";
import type { Event } from "../../domain/events.ts";
import { endSessions } from "./end-sessions.ts";
import type { AnsweredHop } from "./hop.ts";
import { keepHops } from "./hop-store.ts";

export type HopWriterDeps = {
  sql: Sql;
  /**
   * Writes events and their deliveries in the batch's database transaction; resolves to the endpoints to wake after the
   * commit.
   */
  fanOut: (tx: Queryable, shard: number, events: Event[]) => Promise<string[]>;
  /** Called after the commit. */
  wake?: (shard: number, endpointIds: string[]) => void;
  log: Logger;
};

/** Writes answered USSD screens to the database after their answers were sent. */
export type HopWriter = {
  /** Queues a screen. Never throws, never waits. */
  keepHop(hop: AnsweredHop): void;
  /** Tries once to write the screens that wait, and then no more on its own. */
  drain(): Promise<void>;
};

const batchMax = 200;
/**
 * About an hour of a busy service. A screen beyond it is missing in the session's list; its callback is kept elsewhere.
 */
const waitingMax = 50_000;
const retryAfterMs = 500;

/**
 * Writes screens in batches of one shard, one batch in flight. During an outage they wait in memory. A screen that ends
 * its session ends it in the same database transaction, event included.
 */
export function createHopWriter(deps: HopWriterDeps): HopWriter {
  const { log } = deps;
  const waiting = new Map<number, AnsweredHop[]>();
  const runner = createShardRunner(1, writeWaiting);
  let waitingCount = 0;
  /** Since a write failed, until the next try. */
  let isPaused = false;
  let isStopping = false;
  let retry: NodeJS.Timeout | undefined;

  async function writeWaiting(shard: number): Promise<void> {
    const queue = waiting.get(shard) ?? [];
    const batch = queue.slice(0, batchMax);
    if (isPaused || batch.length === 0) return;
    try {
      await writeHops(deps, shard, batch);
    } catch (error) {
      log.warn({ err: error, waiting: waitingCount }, "USSD screens wait for the database");
      isPaused = true;
      if (!isStopping) retry = setTimeout(requestAll, retryAfterMs);
      return;
    }
    waitingCount -= batch.length;
    queue.splice(0, batch.length);
    if (queue.length > 0) runner.request(shard);
    else waiting.delete(shard);
  }

  function requestAll(): void {
    isPaused = false;
    for (const shard of waiting.keys()) runner.request(shard);
  }

  return {
    keepHop(hop) {
      const { shard, id } = hop.connection;
      if (waitingCount >= waitingMax) {
        log.error({ connection_id: id }, "USSD screen not listed: too many wait for the database");
        return;
      }
      const queue = waiting.get(shard);
      if (queue) queue.push(hop);
      else waiting.set(shard, [hop]);
      waitingCount += 1;
      if (!isPaused) runner.request(shard);
    },
    async drain() {
      isStopping = true;
      clearTimeout(retry);
      await runner.idle();
      requestAll();
      await runner.idle();
    },
  };
}

/**
 * A screen that the database rejects is left out; its neighbours are written. Rejects where the database is
 * unavailable.
 */
async function writeHops(deps: HopWriterDeps, shard: number, batch: AnsweredHop[]): Promise<void> {
  await halve(batch, {
    async write(hops) {
      const wake = await deps.sql.begin(async tx => {
        const ended = await keepHops(tx, shard, hops);
        return deps.fanOut(tx, shard, await endSessions(tx, shard, ended, "answer"));
      });
      if (wake.length > 0) deps.wake?.(shard, wake);
    },
    refuse({ connection }, error) {
      deps.log.error(
        { err: error, connection_id: connection.id },
        "USSD screen not listed: the database rejected its row",
      );
    },
    isUnavailable: isUnavailable,
  });
}
