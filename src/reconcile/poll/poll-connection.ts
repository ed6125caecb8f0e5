import { setTimeout as pause } from "node:timers/promises";
import { errorsMax } from "../calls/call-limits.ts";
import { loadProviderAccount } from "../calls/provider-account.ts";
import { countPoll, type PassCounter } from "../pass-counts.ts";
import { claimPolls } from "./claim-polls.ts";
import { countDuePolls } from "./claim-store.ts";
import { endTransaction } from "./end-overdue.ts";
import { type PollDeps, pollTransaction } from "./poll-transaction.ts";

export type PollConnectionOptions = {
  only: "ready" | "urgent";
  /** How many may still be asked about, by all lanes together. */
  budget: { left: number };
  tally: PassCounter;
  /** By `performance.now()`: nothing more is begun afterwards. */
  untilMs: number;
  /** Ends before its time. */
  signal: AbortSignal;
};

/** Questions of one connection that run side by side in one process, once it has answered one. */
const concurrencyMax = 16;
/** How long a lane waits for the allowance to grow before it leaves the rest to the next pass. */
const patienceMs = 5_000;
const waitMinMs = 50;

/** Asks about what is ready at one connection, newest first, until nothing is left or nothing more is allowed. */
export async function pollConnection(
  deps: PollDeps,
  shard: number,
  connectionId: string,
  options: PollConnectionOptions,
): Promise<void> {
  const connection = await deps.connectionOf(shard, connectionId);
  if (!connection) throw new Error(`connection ${connectionId} has places in the schedule but no row`);
  const asker = await loadProviderAccount(deps, connection);
  const { tally, budget } = options;
  const running = new Set<Promise<void>>();
  const problems: unknown[] = [];
  let isRefused = false;
  // Since the last answer; null before the first.
  let failures: number | null = null;

  const start = (work: Promise<unknown>) => {
    const task: Promise<void> = work.then(
      () => void running.delete(task),
      error => {
        running.delete(task);
        problems.push(error);
      },
    );
    running.add(task);
  };
  const isOver = () => options.signal.aborted || problems.length > 0 || performance.now() > options.untilMs;

  while (!isOver()) {
    // Nobody learns what five failures teach by sixteen.
    const most = failures === 0 ? concurrencyMax : Math.max(1, errorsMax - (failures ?? 0));
    const free = most - running.size;
    if (free < most / 2) {
      await Promise.race(running);
      continue;
    }
    const wanted = Math.min(free, budget.left);
    if (wanted === 0) break;
    budget.left -= wanted;
    const taken = await claimPolls(deps.sql, connection, asker?.provider, wanted, options.only);
    budget.left += wanted - (taken.kind === "taken" ? taken.asks.length : 0);
    if (taken.kind === "refused") {
      // One question tries whether an open breaker can be closed: it may be ours.
      if (taken.why === "errors" && running.size > 0) {
        await Promise.race(running);
        continue;
      }
      isRefused = true;
      if (taken.why !== "rate" || !(await allowanceGrows(taken, running, options))) break;
      isRefused = false;
      continue;
    }
    if (taken.asks.length + taken.endings.length + taken.others === 0) break;
    for (const claimed of taken.asks) {
      start(
        pollTransaction(deps, asker!, claimed, taken.now).then(asked => {
          countPoll(tally, claimed.transaction.id, asked);
          if (asked.outcome === "throttled") isRefused = true;
          if (asked.outcome === "unavailable") failures = (failures ?? 0) + 1;
          else if (asked.outcome !== "lost") failures = 0;
        }),
      );
    }
    for (const ending of taken.endings) start(endTransaction(deps, connection, ending, taken.now, tally));
  }
  await Promise.all(running);
  if (problems.length > 0) throw problems[0];
  const work = await countDuePolls(deps.sql, shard, connectionId);
  if (isRefused) tally.rate_limited += work.ready;
  tally.already_running += work.leased;
}

/** Waits until the allowance is due to grow, if that is soon; false where it is not. */
async function allowanceGrows(
  { until, now }: { until: Date; now: Date },
  running: Set<Promise<void>>,
  { untilMs, signal }: PollConnectionOptions,
): Promise<boolean> {
  const waitMs = Math.max(until.getTime() - now.getTime(), waitMinMs);
  if (waitMs > patienceMs || performance.now() + waitMs > untilMs) return false;
  await Promise.race([pause(waitMs, undefined, { signal }).catch(() => {}), ...running]);
  return true;
}
