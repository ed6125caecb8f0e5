import { publicId } from "../domain/ids.ts";
import { connectionsWithUrgentPolls, recoverExpiredLeases, shardsWithOverdue } from "./due-store.ts";
import { newPassCounter } from "./pass-counts.ts";
import { endOverdue } from "./poll/end-overdue.ts";
import { pollConnection } from "./poll/poll-connection.ts";
import type { PollDeps } from "./poll/poll-transaction.ts";

export type ReconcileWorker = {
  /** Somebody rang for transactions of these connections: they are asked about at once. */
  wake(rung: Iterable<{ shard: number; connectionId: string }>): void;
  /** Looks now for what is to be asked at once, and resolves once that is done. */
  look(): Promise<void>;
  /** Begins nothing more, and waits for what is under way. */
  drain(): Promise<void>;
};

const lookEveryMs = 2_000;
const lanesMax = 16;
/** A lane that is never empty lets others have a turn. */
const laneMs = 30_000;

/**
 * Asks what must not wait for a pass: questions that somebody rang for, here or in another process; what a stopped process was asking;
 * and what has expired. It runs whether passes are scheduled or not.
 */
export function startReconcileWorker(deps: PollDeps): ReconcileWorker {
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();

  function runOne(shard: number, connectionId: string): Promise<void> {
    const key = `${shard}|${connectionId}`;
    const under = running.get(key);
    if (under) {
      // It may have looked before this one rang.
      again.add(key);
      return under;
    }
    if (running.size >= lanesMax || stopping.signal.aborted) return Promise.resolve();
    const task = lane(shard, connectionId, key).finally(() => running.delete(key));
    running.set(key, task);
    return task;
  }

  async function lane(shard: number, connectionId: string, key: string): Promise<void> {
    const { signal } = stopping;
    const tally = newPassCounter();
    do {
      again.delete(key);
      const options = { only: "urgent", budget: { left: Number.POSITIVE_INFINITY }, tally, signal } as const;
      try {
        await pollConnection(deps, shard, connectionId, { ...options, untilMs: performance.now() + laneMs });
      } catch (error) {
        if (!signal.aborted)
          deps.log.warn({ err: error, connection_id: publicId("connection", connectionId) }, "asking is interrupted");
        return;
      }
    } while (again.has(key) && !signal.aborted);
  }

  async function look(): Promise<void> {
    await recoverExpiredLeases(deps.sql);
    for (const shard of await shardsWithOverdue(deps.sql)) {
      if (stopping.signal.aborted) return;
      await endOverdue(deps, shard, { connectionId: null, merchantId: null, expiredOnly: true }, newPassCounter());
    }
    const rung = await connectionsWithUrgentPolls(deps.sql);
    await Promise.all(rung.map(({ shard, connectionId }) => runOne(shard, connectionId)));
    // What was asked a last time has come to its end by now.
    if (rung.length === 0 || stopping.signal.aborted) return;
    for (const shard of await shardsWithOverdue(deps.sql)) {
      await endOverdue(deps, shard, { connectionId: null, merchantId: null, expiredOnly: true }, newPassCounter());
    }
  }

  let looking: Promise<void> | null = null;
  const lookOnce = () => {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  };
  const timer = setInterval(() => {
    // The database is away: the next look finds it.
    lookOnce().catch(() => {});
  }, lookEveryMs);

  return {
    wake(rung) {
      for (const { shard, connectionId } of rung) void runOne(shard, connectionId);
    },
    look: lookOnce,
    async drain() {
      clearInterval(timer);
      stopping.abort();
      await Promise.allSettled([...running.values(), looking]);
    },
  };
}
