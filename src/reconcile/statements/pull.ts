import type { Evidence, Finding } from "../../domain/evidence.ts";
import { digestUuid, publicId } from "../../domain/ids.ts";
import type { CallContext, CallFailure } from "../../providers/call.ts";
import { missingCredentials } from "../../providers/can-poll.ts";
import type { PullCall } from "../../providers/provider.ts";
import { type Settled, settleItem } from "../../settle/item.ts";
import { recordCallOutcome, reserveCalls } from "../calls/call-limits-store.ts";
import { apiUrlOf, loadProviderAccount, type ProviderAccount } from "../calls/provider-account.ts";
import { recordFailure } from "../calls/record-failure.ts";
import { countSettled, type PassCounter } from "../pass-counts.ts";
import { callRatePerMinute } from "../poll/claim-polls.ts";
import { callsOf, type PollDeps } from "../poll/poll-transaction.ts";
import { claimPulls, extendPullLease, type PullClaim, releasePull, shardsWithPulls } from "./pull-store.ts";

export type PullScope = {
  has: (shard: number) => boolean;
  merchantId: string | null;
  connectionId: string | null;
  untilMs: number;
  signal: AbortSignal;
};

const everyS = 3600;
const againAfterTroubleS = 300;
/** What was listed before is listed again: statements come late. */
const overlapMs = 3600 * 1000;
const pagesMax = 500;

/** Pulls the statements that are due: of each connection the first at once, then hourly. What is in them is settled as it comes. */
export async function pullDue(deps: PollDeps, scope: PullScope, tally: PassCounter): Promise<void> {
  const wanted = await shardsWithPulls(deps.sql);
  for (const shard of wanted.filter(scope.has)) {
    if (scope.signal.aborted || performance.now() > scope.untilMs) return;
    for (const claim of await claimPulls(deps.sql, shard, scope)) await pullOne(deps, shard, claim, tally);
  }
}

async function pullOne(deps: PollDeps, shard: number, claim: PullClaim, tally: PassCounter): Promise<void> {
  const connection = await deps.connectionOf(shard, claim.connectionId);
  const asker = connection && (await loadProviderAccount(deps, connection));
  const pull = asker?.provider.pull ?? null;
  if (!asker || !pull) return await releasePull(deps.sql, shard, claim, { pulledTo: null, dueInS: everyS });
  const missing = missingCredentials(pull.credentials, asker.connection.credentials);
  if (missing !== null) {
    deps.log.warn(
      { connection_id: publicId("connection", claim.connectionId), missing },
      "statements cannot be pulled: credentials are missing",
    );
    return await releasePull(deps.sql, shard, claim, { pulledTo: null, dueInS: everyS });
  }
  const to = claim.now;
  const startedMs = performance.now();
  const outcome = await pullPages(deps, asker, pull, claim, { from: beginning(pull, claim), to }, tally);
  const rows = outcome.kind === "done" ? outcome.rows : 0;
  deps.telemetry.publish("pull.finished", () => ({
    provider: asker.provider.id,
    connectionId: asker.connection.id,
    url: apiUrlOf(asker),
    outcome: outcome.kind,
    rows,
    ms: performance.now() - startedMs,
  }));
  if (outcome.kind === "done") {
    await releasePull(deps.sql, shard, claim, { pulledTo: to, dueInS: everyS });
    deps.log.info({ connection_id: publicId("connection", claim.connectionId), rows }, "statements were pulled");
    return;
  }
  if (outcome.kind === "trouble") tally.errors += 1;
  else tally.rate_limited += 1;
  await releasePull(deps.sql, shard, claim, { pulledTo: null, dueInS: againAfterTroubleS });
}

/** From where the last one ended, an hour before; the first as far back as the provider lists. */
function beginning({ hoursMax }: PullCall, { pulledTo, now }: PullClaim): Date {
  const oldest = now.getTime() - hoursMax * 3600 * 1000 + 60_000;
  return new Date(pulledTo === null ? oldest : Math.max(oldest, pulledTo.getTime() - overlapMs));
}

type Pulled = { kind: "done"; rows: number } | { kind: "trouble" } | { kind: "throttled" };

async function pullPages(
  deps: PollDeps,
  asker: ProviderAccount,
  pull: PullCall,
  claim: PullClaim,
  window: { from: Date; to: Date },
  tally: PassCounter,
): Promise<Pulled> {
  const { connection, provider } = asker;
  const { shard, id, environment, credentials, settings } = connection;
  const seen = new Set<string>();
  let rows = 0;
  let refused: string | null = null;
  for (let page = 0, offset = 0; page < pagesMax; page += 1) {
    const allowed = await reserveCalls(deps.sql, shard, id, callRatePerMinute(connection, provider), 1);
    if (allowed.kind === "refused" || !(await extendPullLease(deps.sql, shard, claim))) return { kind: "throttled" };
    const account: CallContext = {
      environment,
      credentials,
      settings: settings,
      callbackUrls: asker.callbackUrls,
      now: new Date(),
    };
    const calls = callsOf(deps, asker, account, refused);
    const answer = await pull.page(account, window, offset, calls.send);
    if (answer.kind === "credentials-refused" && answer.token && refused === null && calls.token() !== null) {
      refused = calls.token();
      continue;
    }
    if (answer.kind !== "page") return await troubled(deps, asker, answer);
    await recordCallOutcome(deps.sql, shard, id, { kind: "answered" });
    for (const { path, message } of answer.problems) {
      deps.log.warn(
        { connection_id: publicId("connection", id), path, problem: message },
        "a row of a statement cannot be read",
      );
    }
    const fresh = answer.findings.filter(f => !seen.has(f.identity.join("|")));
    for (const finding of fresh) seen.add(finding.identity.join("|"));
    const settled = await Promise.all(fresh.map(finding => settleRow(deps, asker, finding)));
    for (const { finished, transactionIds } of settled) if (finished) countSettled(tally, transactionIds);
    rows += fresh.length;
    // A provider that ignores the offset lists the same rows for ever.
    if (answer.nextOffset === null || fresh.length === 0) return { kind: "done", rows };
    offset = answer.nextOffset;
  }
  return { kind: "done", rows };
}

async function troubled(
  deps: PollDeps,
  asker: ProviderAccount,
  answer: CallFailure | { kind: "stop"; reason: string },
): Promise<Pulled> {
  if (answer.kind === "stop") {
    deps.log.error(
      { connection_id: publicId("connection", asker.connection.id), reason: answer.reason },
      "statements cannot be pulled",
    );
    return { kind: "trouble" };
  }
  await recordFailure(deps, asker, answer);
  return { kind: answer.kind === "throttled" ? "throttled" : "trouble" };
}

/** The id of the evidence is a digest of the row, so a row that is listed again is known already. */
async function settleRow(deps: PollDeps, { connection }: ProviderAccount, finding: Finding): Promise<Settled> {
  const evidence: Evidence = {
    ...finding,
    id: digestUuid(`statement|${connection.id}|${finding.identity.join("|")}|${finding.says}`),
    source: "statement",
    strength: "statement",
    callbackId: null,
    reading: 1,
    learntAt: new Date(),
  };
  return await deps.settle(connection.shard, settleItem(connection, { evidence: [evidence] }));
}
