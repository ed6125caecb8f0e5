import { setTimeout as pause } from "node:timers/promises";
import { databaseTime } from "../../database/clock.ts";
import type { Transaction } from "../../domain/transaction.ts";
import { findTransaction } from "../../settle/transaction-store.ts";
import type { ReconcileDeps } from "../deps.ts";
import type { PassCounter } from "../pass-counts.ts";
import { isOver, type PassTime } from "../pass-time.ts";
import { hasDrifted } from "../poll/drift.ts";
import { pollConnection } from "../poll/poll-connection.ts";
import { createTaskSet } from "../task-set.ts";
import { answeredLater, connectionsWithAudits } from "./audit-store.ts";

export type AuditRun = {
  counter: PassCounter;
  time: PassTime;
  budget: { left: number };
  isInScope: (shard: number, connectionId: string) => Promise<boolean>;
};

const connectionsMax = 16;
/** Answers that come as callbacks were mostly seen within seconds. */
const deferredWaitMs = 10_000;
const deferredCheckMs = 200;
/** Callbacks are stamped by the clock of the process that received them. */
const clockSkewMs = 5_000;

/**
 * Asks about the finished transactions that are queued for an audit, as far as the pass's time and the limits allow,
 * and waits a little for answers that come as callbacks, so that they are counted too.
 */
export async function pollAudits(deps: ReconcileDeps, run: AuditRun): Promise<void> {
  const { counter, time, budget } = run;
  const since = new Date((await databaseTime(deps.sql)).getTime() - clockSkewMs);
  const deferred: Transaction[] = [];
  const tasks = createTaskSet();
  for (const { shard, connectionId } of await connectionsWithAudits(deps.sql)) {
    if (!(await run.isInScope(shard, connectionId))) continue;
    if (tasks.size() >= connectionsMax) await tasks.any();
    const onDeferred = (t: Transaction) => void deferred.push(t);
    tasks.add(pollConnection(deps, shard, connectionId, { only: "audit", counter, time, budget, onDeferred }));
  }
  await tasks.all();
  await countDeferred(deps, deferred, since, run);
}

async function countDeferred(
  deps: ReconcileDeps,
  audited: Transaction[],
  since: Date,
  { counter, time }: AuditRun,
): Promise<void> {
  const endMs = performance.now() + deferredWaitMs;
  let waiting = audited;
  while (waiting.length > 0) {
    const answered = new Set<string>();
    for (const shard of new Set(waiting.map(t => t.shard))) {
      const ids = waiting.filter(t => t.shard === shard).map(t => t.id);
      for (const id of await answeredLater(deps.sql, shard, ids, since)) answered.add(id);
    }
    for (const before of waiting.filter(t => answered.has(t.id))) {
      const after = await findTransaction(deps.sql, before.shard, before.id);
      if (after !== null && hasDrifted(before, after, null)) counter.drifted += 1;
    }
    waiting = waiting.filter(t => !answered.has(t.id));
    if (waiting.length === 0 || isOver(time) || performance.now() > endMs) return;
    await pause(deferredCheckMs);
  }
}
