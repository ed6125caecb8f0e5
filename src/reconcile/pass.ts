import { clockFrom, databaseTime } from "../database/clock.ts";
import { shardOf } from "../domain/ids.ts";
import type { ReconcileDeps } from "./deps.ts";
import { connectionsWithDuePolls, makeReady, shardsWithDuePolls, shardsWithOverdue } from "./due-store.ts";
import { countsOf, newPassCounter, type PassCounter, type PassCounts } from "./pass-counts.ts";
import { endOverdue } from "./poll/end-overdue.ts";
import { pollConnection } from "./poll/poll-connection.ts";
import { pullDue } from "./statements/pull.ts";
import { createTaskSet } from "./task-set.ts";

/** The scope of a pass. `limit` is the number of polls at most. */
export type PassInput = { merchantId?: string | null; connectionId?: string | null; limit?: number | null };

/** What `POST /v1/reconcile` answers. Times are RFC 3339, by the database's clock. */
export type PassSummary = { started_at: string; finished_at: string } & PassCounts;

/** No poll or pull starts after so long: the next pass continues. */
const passMs = 50_000;
const connectionsMax = 16;

/**
 * One pass: makes due polls ready, polls, ends overdue transactions, pulls statements. Any number of passes may run at
 * the same time, in any number of processes: each poll is leased. Where the database fails the pass rejects, and its
 * leased polls are due again once their leases expire.
 */
export async function runPass(deps: ReconcileDeps, input: PassInput, signal: AbortSignal): Promise<PassSummary> {
  const startedMs = performance.now();
  const untilMs = startedMs + passMs;
  const clock = clockFrom(await databaseTime(deps.sql));
  const startedAt = clock();
  const counter = newPassCounter();
  const connectionId = input.connectionId ?? null;
  const merchantId = input.merchantId ?? null;
  const scopeId = merchantId ?? connectionId;
  const hasShard = (shard: number) => scopeId === null || shard === shardOf(scopeId);

  await pollDue(deps, input, hasShard, { counter, untilMs, signal });
  for (const shard of (await shardsWithOverdue(deps.sql)).filter(hasShard)) {
    if (signal.aborted) break;
    await endOverdue(deps, shard, { connectionId, merchantId, expiredOnly: false }, counter);
  }
  await pullDue(deps, { hasShard, merchantId, connectionId, untilMs, signal }, counter);

  const counts = countsOf(counter);
  const summary = { started_at: startedAt.toISOString(), finished_at: clock().toISOString(), ...counts };
  deps.log.info(summary, "reconciliation pass finished");
  deps.telemetry.publish("pass.finished", () => ({ counts, ms: performance.now() - startedMs }));
  return summary;
}

type PassRun = { counter: PassCounter; untilMs: number; signal: AbortSignal };

/** Makes the due polls of all shards in scope ready, and polls up to 16 connections at a time. */
async function pollDue(
  deps: ReconcileDeps,
  input: PassInput,
  hasShard: (shard: number) => boolean,
  run: PassRun,
): Promise<void> {
  const due: { shard: number; connectionId: string }[] = [];
  for (const shard of (await shardsWithDuePolls(deps.sql)).filter(hasShard)) {
    await makeReady(deps.sql, shard);
    for (const connectionId of await connectionsWithDuePolls(deps.sql, shard)) {
      if (await isInScope(deps, shard, connectionId, input)) due.push({ shard, connectionId });
    }
  }
  const options = { ...run, only: "ready", budget: { left: input.limit ?? Number.POSITIVE_INFINITY } } as const;
  const tasks = createTaskSet();
  for (const { shard, connectionId } of due) {
    if (tasks.size() >= connectionsMax) await tasks.any();
    tasks.add(pollConnection(deps, shard, connectionId, options));
  }
  await tasks.all();
}

async function isInScope(deps: ReconcileDeps, shard: number, id: string, input: PassInput): Promise<boolean> {
  if (input.connectionId) return id === input.connectionId;
  if (!input.merchantId) return true;
  return (await deps.directory.byId(shard, id))?.merchantId === input.merchantId;
}
