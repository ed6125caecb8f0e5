import { clockFrom, databaseTime } from "../database/clock.ts";
import { shardOf } from "../domain/ids.ts";
import type { AuditSelection } from "./audit/audit-store.ts";
import { pollAudits } from "./audit/poll-audits.ts";
import { queueNamedAudit, queueNightlyAudits } from "./audit/queue-audits.ts";
import type { ReconcileDeps } from "./deps.ts";
import { connectionsWithDuePolls, makeReady, shardsWithDuePolls, shardsWithOverdue } from "./due-store.ts";
import { countsOf, newPassCounter, type PassCounter, type PassCounts } from "./pass-counts.ts";
import { isOver, type PassTime, passTimeFrom } from "./pass-time.ts";
import { endOverdue } from "./poll/end-overdue.ts";
import { pollConnection } from "./poll/poll-connection.ts";
import { pullDue } from "./statements/pull.ts";
import { createTaskSet } from "./task-set.ts";

/**
 * The scope of a pass. `limit` is the number of polls at most. `audit` names finished transactions to be asked about
 * again.
 */
export type PassInput = {
  merchantId?: string | null;
  connectionId?: string | null;
  limit?: number | null;
  audit?: Omit<AuditSelection, "merchantId" | "connectionId"> | null;
};

/** What `POST /v1/reconcile` answers. Times are RFC 3339, by the database's clock. */
export type PassSummary = { started_at: string; finished_at: string } & PassCounts;

const connectionsMax = 16;

/**
 * One pass of 60 s at most: makes due polls ready, polls, ends overdue transactions, pulls statements, audits finished
 * transactions. What it does not finish goes on in the next pass. Any number of passes may run at the same time, in any
 * number of processes: each poll is leased. Where the database fails the pass rejects, and its leased polls are due
 * again once their leases expire.
 */
export async function runPass(deps: ReconcileDeps, input: PassInput, signal: AbortSignal): Promise<PassSummary> {
  const startedMs = performance.now();
  const time = passTimeFrom(startedMs, signal);
  const clock = clockFrom(await databaseTime(deps.sql));
  const startedAt = clock();
  const scope = scopeOf(input);
  const run: PassRun = { counter: newPassCounter(), time, budget: { left: input.limit ?? Number.POSITIVE_INFINITY } };
  const { counter } = run;

  if (input.audit) await queueNamedAudit(deps, scope, input.audit);
  await queueNightlyAudits(deps, scope, startedAt);
  await pollDue(deps, input, scope, run);
  for (const shard of (await shardsWithOverdue(deps.sql)).filter(scope.hasShard)) {
    const { connectionId, merchantId } = scope;
    const ends = { connectionId, merchantId, expiredOnly: false };
    await endOverdue(deps, shard, ends, counter, () => isOver(time));
  }
  const last = createTaskSet();
  last.add(pullDue(deps, scope, run));
  last.add(pollAudits(deps, { ...run, isInScope: (shard, id) => isInScope(deps, shard, id, input) }));
  await last.all();

  const counts = countsOf(counter);
  const summary = { started_at: startedAt.toISOString(), finished_at: clock().toISOString(), ...counts };
  deps.log.info(summary, "reconciliation pass finished");
  deps.telemetry.publish("pass.finished", () => ({ counts, ms: performance.now() - startedMs }));
  return summary;
}

type PassScope = ReturnType<typeof scopeOf>;

function scopeOf({ merchantId = null, connectionId = null }: PassInput) {
  const scopeId = merchantId ?? connectionId;
  return { merchantId, connectionId, hasShard: (shard: number) => scopeId === null || shard === shardOf(scopeId) };
}

/** `budget`: polls that are left. */
type PassRun = { counter: PassCounter; time: PassTime; budget: { left: number } };

/** Makes the due polls of all shards in scope ready, and polls up to 16 connections at a time. */
async function pollDue(deps: ReconcileDeps, input: PassInput, { hasShard }: PassScope, run: PassRun): Promise<void> {
  const due: { shard: number; connectionId: string }[] = [];
  for (const shard of (await shardsWithDuePolls(deps.sql)).filter(hasShard)) {
    await makeReady(deps.sql, shard);
    for (const connectionId of await connectionsWithDuePolls(deps.sql, shard)) {
      if (await isInScope(deps, shard, connectionId, input)) due.push({ shard, connectionId });
    }
  }
  const tasks = createTaskSet();
  for (const { shard, connectionId } of due) {
    if (tasks.size() >= connectionsMax) await tasks.any();
    tasks.add(pollConnection(deps, shard, connectionId, { ...run, only: "ready" }));
  }
  await tasks.all();
}

async function isInScope(deps: ReconcileDeps, shard: number, id: string, input: PassInput): Promise<boolean> {
  if (input.connectionId) return id === input.connectionId;
  if (!input.merchantId) return true;
  return (await deps.directory.byId(shard, id))?.merchantId === input.merchantId;
}
