import { publicId } from "../../domain/ids.ts";
import { baseUrlOf } from "../../providers/base-url.ts";
import { missingCredentials } from "../../providers/can-poll.ts";
import type { PullCall } from "../../providers/pull.ts";
import { loadProviderAccount, type ProviderAccount } from "../calls/provider-account.ts";
import type { ReconcileDeps } from "../deps.ts";
import type { PassCounter } from "../pass-counts.ts";
import { isOver, type PassTime } from "../pass-time.ts";
import { createTaskSet } from "../task-set.ts";
import { type PullOutcome, pullPages } from "./pull-pages.ts";
import { claimPulls, type PullClaim, type PullProgress, releasePull, shardsWithPulls } from "./pull-store.ts";

export type PullScope = {
  hasShard: (shard: number) => boolean;
  merchantId: string | null;
  connectionId: string | null;
};

const connectionsMax = 8;
const intervalMs = 3_600_000;
const retryAfterFailureMs = 300_000;
/** Each pull begins before the end of the last one: rows come late. */
const overlapMs = 3_600_000;

/**
 * Pulls the statements that are due, up to eight connections at a time: a connection's first at once, then hourly. What
 * is not finished when the pass is over goes on in the next pass.
 */
export async function pullDue(
  deps: ReconcileDeps,
  scope: PullScope,
  run: { time: PassTime; counter: PassCounter },
): Promise<void> {
  const tasks = createTaskSet();
  const shards = await shardsWithPulls(deps.sql);
  for (const shard of shards.filter(scope.hasShard)) {
    while (!isOver(run.time) && !tasks.hasFailed()) {
      if (tasks.size() >= connectionsMax) await tasks.any();
      const claims = await claimPulls(deps.sql, shard, scope, connectionsMax - tasks.size());
      for (const claim of claims) tasks.add(pullConnection(deps, shard, claim, run));
      if (claims.length === 0) break;
    }
  }
  await tasks.all();
}

async function pullConnection(
  deps: ReconcileDeps,
  shard: number,
  claim: PullClaim,
  run: { time: PassTime; counter: PassCounter },
): Promise<void> {
  const connection = await deps.directory.byId(shard, claim.connectionId);
  const account = connection && (await loadProviderAccount(deps, connection));
  const pull = account?.provider.pull ?? null;
  const later = { dueAt: new Date(claim.now.getTime() + intervalMs), endsWindow: false };
  if (!account || !pull) return await releasePull(deps.sql, shard, claim, { ...later, problem: null });
  const missing = missingCredentials(pull.credentials, account.connection.credentials);
  if (missing !== null) {
    const connectionId = publicId("connection", claim.connectionId);
    deps.log.warn({ connection_id: connectionId, missing }, "statements not pulled: credentials are missing");
    return await releasePull(deps.sql, shard, claim, { ...later, problem: `the pull needs ${missing}` });
  }
  const startedMs = performance.now();
  const progress = startOf(pull, claim);
  const outcome = await pullPages(deps, account, pull, claim, progress, run);
  deps.telemetry.publish("pull.finished", () => ({
    provider: account.provider.id,
    connectionId: account.connection.id,
    url: baseUrlOf(account.provider, account.connection),
    outcome: outcome.kind,
    rows: outcome.rows,
    ms: performance.now() - startedMs,
  }));
  // A window that the provider lists no more is not asked for for ever.
  const isTooOld = progress.from < oldestListed(pull, claim.now);
  await finish(deps, account, claim, { to: progress.to, isTooOld }, outcome, run.counter);
}

/** Where a pull goes on; a window of its own where none is under way. */
function startOf(pull: PullCall, { pulledTo, progress, now }: PullClaim): PullProgress {
  if (progress !== null) return progress;
  // An hour before the end of the last pull; for the first pull, as far back as the provider lists.
  const oldestMs = oldestListed(pull, now).getTime();
  const from = new Date(pulledTo === null ? oldestMs : Math.max(oldestMs, pulledTo.getTime() - overlapMs));
  return { from, to: now, offset: 0, rows: 0, pagesWithoutNew: 0, lastPage: null };
}

function oldestListed({ hoursMax }: PullCall, now: Date): Date {
  return new Date(now.getTime() - hoursMax * 3_600_000 + 60_000);
}

/** Counts and logs the outcome, and gives the pull back with its next time. */
async function finish(
  deps: ReconcileDeps,
  { connection: { shard, id } }: ProviderAccount,
  claim: PullClaim,
  { to, isTooOld }: { to: Date; isTooOld: boolean },
  outcome: PullOutcome,
  counter: PassCounter,
): Promise<void> {
  const { sql, log } = deps;
  const fields = { connection_id: publicId("connection", id), rows: outcome.rows };
  const inMs = (ms: number) => new Date(claim.now.getTime() + ms);
  switch (outcome.kind) {
    case "done": {
      log.info(fields, "statements pulled");
      const next = { dueAt: new Date(to.getTime() + intervalMs), pulledTo: to, endsWindow: true, problem: null };
      return await releasePull(sql, shard, claim, next);
    }
    case "failed":
      counter.errors += 1;
      return await releasePull(sql, shard, claim, {
        dueAt: inMs(retryAfterFailureMs),
        endsWindow: isTooOld,
        problem: `the last page could not be read: ${outcome.reason}`,
      });
    case "endless":
      counter.errors += 1;
      log.warn({ ...fields, problem: outcome.reason }, "pull of statements stopped: the provider pages without end");
      return await releasePull(sql, shard, claim, {
        dueAt: inMs(intervalMs),
        endsWindow: outcome.unreachable,
        problem: outcome.reason,
      });
    case "throttled":
      counter.rate_limited += 1;
      return await releasePull(sql, shard, claim, { dueAt: outcome.until ?? inMs(0), endsWindow: false });
    case "unfinished":
      log.info(fields, "pull of statements not finished: the next pass goes on");
      return await releasePull(sql, shard, claim, { dueAt: inMs(0), endsWindow: false });
    case "lost":
      // Another process goes on with it.
      return;
  }
}
