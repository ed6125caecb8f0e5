import { publicId } from "../domain/ids.ts";
import type { ReconcileDeps } from "./deps.ts";
import { connectionsWithUrgentPolls, recoverExpiredLeases, shardsWithOverdue } from "./due-store.ts";
import { newPassCounter } from "./pass-counts.ts";
import { endOverdue } from "./poll/end-overdue.ts";
import { pollConnection } from "./poll/poll-connection.ts";

export type ReconcileWorker = {
  /** Runs the urgent polls of these connections, each in `afterMs`. */
  wake(requests: Iterable<{ shard: number; connectionId: string; afterMs: number }>): void;
  /** Runs a round that begins now, or after the one that runs: all urgent polls, and ends. Resolves at its end. */
  runOnce(): Promise<void>;
  /** Starts nothing more, and waits for what is running. */
  drain(): Promise<void>;
};

const intervalMs = 2_000;
const connectionsMax = 16;
/** A connection that is never out of urgent polls makes room for others. */
const connectionMs = 30_000;

/**
 * Runs what must not wait for a pass: urgent polls that were requested in this or another process, polls of a stopped
 * process, and ends of expired transactions. Runs whether passes are scheduled or not.
 */
export function startReconcileWorker(deps: ReconcileDeps): ReconcileWorker {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = new Map<string, Promise<void>>();
  const requestedAgain = new Set<string>();
  const delayed = new Set<NodeJS.Timeout>();

  /** One run per connection at a time; a request during it means one more run after it. */
  function requestRun(shard: number, connectionId: string): Promise<void> {
    const key = `${shard}|${connectionId}`;
    const current = running.get(key);
    if (current) {
      requestedAgain.add(key);
      return current;
    }
    if (running.size >= connectionsMax || signal.aborted) return Promise.resolve();
    const run = pollUrgent(shard, connectionId, key).finally(() => running.delete(key));
    running.set(key, run);
    return run;
  }

  function requestLater(shard: number, connectionId: string, afterMs: number): void {
    const run = setTimeout(() => {
      delayed.delete(run);
      void requestRun(shard, connectionId);
    }, afterMs);
    delayed.add(run);
  }

  async function pollUrgent(shard: number, connectionId: string, key: string): Promise<void> {
    const counter = newPassCounter();
    do {
      requestedAgain.delete(key);
      const budget = { left: Number.POSITIVE_INFINITY };
      const time = { untilMs: performance.now() + connectionMs, callsEndMs: Number.POSITIVE_INFINITY, signal };
      try {
        await pollConnection(deps, shard, connectionId, { only: "urgent", budget, counter, time });
      } catch (error) {
        if (signal.aborted) return;
        deps.log.warn(
          { err: error, connection_id: publicId("connection", connectionId) },
          "urgent polls interrupted: they are tried again",
        );
        return;
      }
    } while (requestedAgain.has(key) && !signal.aborted);
  }

  async function endExpired(): Promise<void> {
    const scope = { connectionId: null, merchantId: null, expiredOnly: true };
    for (const shard of await shardsWithOverdue(deps.sql)) {
      if (signal.aborted) return;
      await endOverdue(deps, shard, scope, newPassCounter(), () => signal.aborted);
    }
  }

  async function runRound(): Promise<void> {
    await recoverExpiredLeases(deps.sql);
    await endExpired();
    if (signal.aborted) return;
    const urgent = await connectionsWithUrgentPolls(deps.sql);
    await Promise.all(urgent.map(({ shard, connectionId }) => requestRun(shard, connectionId)));
    // Expired transactions have had their last poll by now.
    if (urgent.length > 0 && !signal.aborted) await endExpired();
  }

  let round: Promise<void> | null = null;
  const startRound = () => {
    round ??= runRound().finally(() => {
      round = null;
    });
    return round;
  };
  // The round that runs may have read the queue before the caller's change to it.
  const runOnce = async () => {
    await round?.catch(() => {});
    await startRound();
  };
  // An error means that the database is unavailable: the next round tries again.
  const timer = setInterval(() => void startRound().catch(() => {}), intervalMs);

  return {
    wake(requests) {
      for (const { shard, connectionId, afterMs } of requests) {
        if (afterMs === 0) void requestRun(shard, connectionId);
        else requestLater(shard, connectionId, afterMs);
      }
    },
    runOnce,
    async drain() {
      clearInterval(timer);
      for (const each of delayed) clearTimeout(each);
      stopping.abort();
      await Promise.allSettled([...running.values(), round]);
    },
  };
}
