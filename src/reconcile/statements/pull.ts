import { publicId } from "../../domain/ids.ts";
import { baseUrlOf } from "../../providers/base-url.ts";
import { missingCredentials } from "../../providers/can-poll.ts";
import type { PullCall } from "../../providers/pull.ts";
import { loadProviderAccount } from "../calls/provider-account.ts";
import type { ReconcileDeps } from "../deps.ts";
import type { PassCounter } from "../pass-counts.ts";
import { pullPages } from "./pull-pages.ts";
import { claimPulls, type PullClaim, releasePull, shardsWithPulls } from "./pull-store.ts";

export type PullScope = {
  hasShard: (shard: number) => boolean;
  merchantId: string | null;
  connectionId: string | null;
  /** By `performance.now()`: no shard is begun afterwards. */
  untilMs: number;
  signal: AbortSignal;
};

const intervalS = 3600;
const retryAfterFailureS = 300;
/** Each pull begins before the end of the last one: rows come late. */
const overlapMs = 3600 * 1000;

/** Pulls the statements that are due: a connection's first at once, then hourly. Rows are settled page by page. */
export async function pullDue(deps: ReconcileDeps, scope: PullScope, counter: PassCounter): Promise<void> {
  const shards = await shardsWithPulls(deps.sql);
  for (const shard of shards.filter(scope.hasShard)) {
    if (scope.signal.aborted || performance.now() > scope.untilMs) return;
    for (const claim of await claimPulls(deps.sql, shard, scope)) await pullConnection(deps, shard, claim, counter);
  }
}

async function pullConnection(
  deps: ReconcileDeps,
  shard: number,
  claim: PullClaim,
  counter: PassCounter,
): Promise<void> {
  const connectionId = publicId("connection", claim.connectionId);
  const connection = await deps.directory.byId(shard, claim.connectionId);
  const account = connection && (await loadProviderAccount(deps, connection));
  const pull = account?.provider.pull ?? null;
  if (!account || !pull) return await releasePull(deps.sql, shard, claim, { pulledTo: null, dueInS: intervalS });
  const missing = missingCredentials(pull.credentials, account.connection.credentials);
  if (missing !== null) {
    deps.log.warn({ connection_id: connectionId, missing }, "statements not pulled: credentials are missing");
    return await releasePull(deps.sql, shard, claim, { pulledTo: null, dueInS: intervalS });
  }
  const window = { from: windowStart(pull, claim), to: claim.now };
  const startedMs = performance.now();
  const outcome = await pullPages(deps, account, pull, claim, window, counter);
  const rows = outcome.kind === "done" ? outcome.rows : 0;
  deps.telemetry.publish("pull.finished", () => ({
    provider: account.provider.id,
    connectionId: account.connection.id,
    url: baseUrlOf(account.provider, account.connection),
    outcome: outcome.kind,
    rows,
    ms: performance.now() - startedMs,
  }));
  switch (outcome.kind) {
    case "done":
      deps.log.info({ connection_id: connectionId, rows }, "statements pulled");
      return await releasePull(deps.sql, shard, claim, { pulledTo: window.to, dueInS: intervalS });
    case "failed":
      counter.errors += 1;
      break;
    case "throttled":
      counter.rate_limited += 1;
      break;
  }
  await releasePull(deps.sql, shard, claim, { pulledTo: null, dueInS: retryAfterFailureS });
}

/** An hour before the end of the last pull; for the first pull, as far back as the provider lists. */
function windowStart({ hoursMax }: PullCall, { pulledTo, now }: PullClaim): Date {
  const oldest = now.getTime() - hoursMax * 3600 * 1000 + 60_000;
  return new Date(pulledTo === null ? oldest : Math.max(oldest, pulledTo.getTime() - overlapMs));
}
