import { shardOf } from "../domain/ids.ts";
import { connectionsWithDuePolls, makeReady, shardsWithDuePolls, shardsWithOverdue } from "./due-store.ts";
import { finishPassCounter, newPassCounter, type PassCounts } from "./pass-counts.ts";
import { endOverdue } from "./poll/end-overdue.ts";
import { pollConnection } from "./poll/poll-connection.ts";
import type { PollDeps } from "./poll/poll-transaction.ts";
import { pullDue } from "./statements/pull.ts";

export type PassInput = { merchantId?: string | null; connectionId?: string | null; limit?: number | null };

/** What `POST /v1/reconcile` answers. Times are RFC 3339. */
export type PassSummary = { started_at: string; finished_at: string } & PassCounts;

/** Nothing more is begun after so long: the next pass goes on. */
const passMs = 50_000;
const lanesMax = 16;

/**
 * One pass: makes ready what is due, asks, ends what is over, pulls statements. Any number may run at once, anywhere: places are leased
 * one by one. Where the database fails the pass rejects, and what was leased is due again once the leases run out.
 */
export async function runPass(deps: PollDeps, input: PassInput, signal: AbortSignal): Promise<PassSummary> {
  const started = new Date();
  const startedMs = performance.now();
  const untilMs = startedMs + passMs;
  const tally = newPassCounter();
  const budget = { left: input.limit ?? Number.POSITIVE_INFINITY };
  const connectionId = input.connectionId ?? null;
  const merchantId = input.merchantId ?? null;
  const only = merchantId ?? connectionId;
  const has = (shard: number) => only === null || shard === shardOf(only);

  const lanes: { shard: number; connectionId: string }[] = [];
  for (const shard of (await shardsWithDuePolls(deps.sql)).filter(has)) {
    await makeReady(deps.sql, shard);
    for (const id of await connectionsWithDuePolls(deps.sql, shard)) {
      if (await isInScope(deps, shard, id, input)) lanes.push({ shard, connectionId: id });
    }
  }
  const laneOptions = { only: "ready", budget, tally, untilMs, signal } as const;
  await inParallel(lanes, lanesMax, lane => pollConnection(deps, lane.shard, lane.connectionId, laneOptions));
  for (const shard of (await shardsWithOverdue(deps.sql)).filter(has)) {
    if (signal.aborted) break;
    await endOverdue(deps, shard, { connectionId, merchantId, expiredOnly: false }, tally);
  }
  await pullDue(deps, { has, merchantId, connectionId, untilMs, signal }, tally);

  const counts = finishPassCounter(tally);
  const summary = { started_at: started.toISOString(), finished_at: new Date().toISOString(), ...counts };
  deps.log.info(summary, "a reconciliation pass is through");
  deps.telemetry.publish("pass.finished", () => ({ counts, ms: performance.now() - startedMs }));
  return summary;
}

async function isInScope(deps: PollDeps, shard: number, id: string, input: PassInput): Promise<boolean> {
  if (input.connectionId) return id === input.connectionId;
  if (!input.merchantId) return true;
  return (await deps.connectionOf(shard, id))?.merchantId === input.merchantId;
}

/** Works on all, a few at a time. All are done or under way to be done before the first failure is told. */
async function inParallel<T>(items: readonly T[], max: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const problems: unknown[] = [];
  const take = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item).catch(error => problems.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(max, items.length) }, take));
  if (problems.length > 0) throw problems[0];
}
