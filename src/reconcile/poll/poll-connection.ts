import { setTimeout as pause } from "node:timers/promises";
import type { Transaction } from "../../domain/transaction.ts";
import { errorsMax } from "../calls/call-limits.ts";
import { loadProviderAccount } from "../calls/provider-account.ts";
import type { ReconcileDeps } from "../deps.ts";
import { countAnswer, type PassCounter } from "../pass-counts.ts";
import { isOver, type PassTime } from "../pass-time.ts";
import { createTaskSet, type TaskSet } from "../task-set.ts";
import { claimPolls } from "./claim-polls.ts";
import { countDuePolls, type PollPriority } from "./claim-store.ts";
import type { ClaimedPoll } from "./claimed-poll.ts";
import { endTransaction } from "./end-overdue.ts";
import type { PollResult } from "./poll-result.ts";
import { pollTransaction } from "./poll-transaction.ts";

export type PollConnectionOptions = {
  only: PollPriority;
  /** A finished transaction whose answer to an audit comes as a callback. */
  onDeferred?: (t: Transaction) => void;
  /** Polls that are left, shared by all connections of a pass. */
  budget: { left: number };
  counter: PassCounter;
  time: PassTime;
};

/** Polls of one connection that run at the same time in one process, once the provider has answered one. */
const concurrencyMax = 16;
/** The longest wait for the rate limit; a longer one is left to the next pass. */
const rateWaitMaxMs = 5_000;
const rateWaitMinMs = 50;

/** Polls what is ready or urgent at one connection, newest first, until nothing is left or the limits allow no more. */
export async function pollConnection(
  deps: ReconcileDeps,
  shard: number,
  connectionId: string,
  options: PollConnectionOptions,
): Promise<void> {
  const connection = await deps.directory.byId(shard, connectionId);
  if (!connection) throw new Error(`connection ${connectionId} has entries in the schedule but no row`);
  const account = await loadProviderAccount(deps, connection);
  const { counter, budget } = options;
  const tasks = createTaskSet();
  let isRateLimited = false;
  // Failures since the last answer; null before the first outcome.
  let failures: number | null = null;

  const onResult = ({ transaction }: ClaimedPoll, result: PollResult) => {
    if (options.only === "audit") countAudit(counter, result);
    else countPoll(counter, transaction.id, result);
    if (result.audit === "deferred") options.onDeferred?.(transaction);
    if (result.outcome === "throttled") isRateLimited = true;
    if (result.outcome === "unavailable" || result.outcome === "refused") failures = (failures ?? 0) + 1;
    else if (result.outcome !== "lost") failures = 0;
  };
  while (!isOver(options.time) && !tasks.hasFailed()) {
    // Until the first answer, no more polls at once than it takes to open the breaker: sixteen failures tell no more
    // than five.
    const max = failures === 0 ? concurrencyMax : Math.max(1, errorsMax - (failures ?? 0));
    const free = max - tasks.size();
    if (free < max / 2) {
      await tasks.any();
      continue;
    }
    const wanted = Math.min(free, budget.left);
    if (wanted === 0) break;
    budget.left -= wanted;
    const claim = await claimPolls(deps.sql, connection, account?.provider, wanted, options.only);
    budget.left += wanted - (claim.kind === "claimed" ? claim.polls.length : 0);
    if (claim.kind === "refused") {
      // The probe of an open breaker may be one of the running polls.
      if (claim.why === "errors" && tasks.size() > 0) {
        await tasks.any();
        continue;
      }
      isRateLimited = claim.why !== "rate" || !(await waitForRate(claim, tasks, options));
      if (isRateLimited) break;
      continue;
    }
    const { polls, ends, released, now } = claim;
    if (polls.length + ends.length + released.length === 0) break;
    for (const claimed of polls) {
      tasks.add(pollTransaction(deps, account!, claimed, now, options.time).then(result => onResult(claimed, result)));
    }
    for (const end of ends) tasks.add(endTransaction(deps, connection, end, now, counter));
  }
  await tasks.all();
  const { waiting, leased } = await countDuePolls(deps.sql, shard, connectionId, options.only);
  if (isRateLimited) counter.rate_limited += waiting;
  else if (options.only === "audit") counter.pending += waiting;
  counter.already_running += leased;
}

/** Waits until the rate allows another call, where that is soon; false where it is not. */
async function waitForRate(
  { until, now }: { until: Date; now: Date },
  tasks: TaskSet,
  { time: { untilMs, signal } }: PollConnectionOptions,
): Promise<boolean> {
  const waitMs = Math.max(until.getTime() - now.getTime(), rateWaitMinMs);
  if (waitMs > rateWaitMaxMs || performance.now() + waitMs > untilMs) return false;
  const wait = pause(waitMs, undefined, { signal }).catch(() => {});
  await (tasks.size() > 0 ? Promise.race([wait, tasks.any()]) : wait);
  return true;
}

/** A poll without an answer, or with one that is not believed yet, is left for the next pass. */
function countAudit(counter: PassCounter, { outcome, audit }: PollResult): void {
  if (audit !== undefined && audit !== "provisional") counter.audited += 1;
  if (audit === "drifted") counter.drifted += 1;
  if (outcome === "unavailable" || outcome === "refused" || outcome === "credentials-refused") counter.errors += 1;
}

function countPoll(counter: PassCounter, transactionId: string, { outcome }: PollResult): void {
  switch (outcome) {
    case "settled":
      countAnswer(counter, transactionId, true);
      break;
    case "pending":
    case "stopped":
      countAnswer(counter, transactionId, false);
      break;
    case "unavailable":
    case "refused":
    case "credentials-refused":
      counter.errors += 1;
      break;
    case "throttled":
      // Ready again, and counted with the other ready polls.
      break;
    case "lost":
      counter.already_running += 1;
      break;
  }
}
