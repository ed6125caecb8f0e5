import type { Logger } from "pino";
import { halve } from "../../batch/halve.ts";
import { createShardRunner } from "../../batch/shard-runner.ts";
import type { Sql } from "../../database/connect.ts";
import { isUnavailable } from "../../database/unavailable.ts";
import { fanOut } from "../../outbox/fan-out.ts";
import { endSessions } from "./end-sessions.ts";
import type { AnsweredHop } from "./hop.ts";
import { writeHopAnswers } from "./hop-store.ts";

/** What is handed in to the hop writer. */
export type HopWriterDeps = {
  sql: Sql;
  /** Called after each commit with the endpoints that have deliveries. */
  wake: (shard: number, endpointIds: string[]) => void;
  log: Logger;
};

/** Writes hops to the database after their answers were sent. */
export type HopWriter = {
  /** Queues a hop. Never throws, never waits. */
  append(hop: AnsweredHop): void;
  /** Tries once to write the hops that wait, and then no more on its own. */
  drain(): Promise<void>;
};

const batchMax = 200;
/** About an hour of a busy service. A hop beyond it is missing in its session's list; its callback is stored anyway. */
const waitingMax = 50_000;
const retryAfterMs = 500;

/**
 * Writes hops in batches of one shard, one batch in flight. During an outage they wait in memory. A hop that ends its
 * session ends it in the same database transaction, event included.
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
      await writeBatch(deps, shard, batch);
    } catch (error) {
      log.warn({ err: error, waiting: waitingCount }, "USSD hops wait for the database");
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
    append(hop) {
      const { shard, id } = hop.connection;
      if (waitingCount >= waitingMax) {
        log.error({ connection_id: id }, "USSD hop not stored: too many wait for the database");
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
 * A hop that the database rejects is left out; the others of its batch are written. Rejects where the database is
 * unavailable.
 */
async function writeBatch(deps: HopWriterDeps, shard: number, batch: AnsweredHop[]): Promise<void> {
  await halve(batch, {
    async write(hops) {
      const endpointIds = await deps.sql.begin(async tx => {
        const ended = await writeHopAnswers(tx, shard, hops);
        return fanOut(tx, shard, await endSessions(tx, shard, ended, "answer"));
      });
      if (endpointIds.length > 0) deps.wake(shard, endpointIds);
    },
    refuse({ connection }, error) {
      deps.log.error(
        { err: error, connection_id: connection.id },
        "USSD hop not stored: the database rejected its row",
      );
    },
    isUnavailable,
  });
}
