import { clockFrom } from "../../database/clock.ts";
import type { Evidence, Finding } from "../../domain/evidence.ts";
import { digestUuid, publicId } from "../../domain/ids.ts";
import type { PullCall } from "../../providers/pull.ts";
import { type Settled, settleItem } from "../../settle/item.ts";
import { recordCallOutcome, reserveCalls } from "../calls/call-limits-store.ts";
import { callProvider } from "../calls/call-provider.ts";
import { callContext, type ProviderAccount } from "../calls/provider-account.ts";
import { recordFailure } from "../calls/record-failure.ts";
import type { ReconcileDeps } from "../deps.ts";
import { countStatementRow, type PassCounter } from "../pass-counts.ts";
import { extendPullLease, type PullClaim } from "./pull-store.ts";

/**
 * `rows` counts the rows that were settled, each once. `throttled`: the limits allow no call, or the lease was lost.
 */
export type PullOutcome = { kind: "done"; rows: number } | { kind: "failed" } | { kind: "throttled" };

const pagesMax = 500;

/**
 * Pulls all pages of one connection's statement for a window of time, and settles the rows of each page. One reserved
 * call per page.
 */
export async function pullPages(
  deps: ReconcileDeps,
  account: ProviderAccount,
  pull: PullCall,
  claim: PullClaim,
  window: { from: Date; to: Date },
  counter: PassCounter,
): Promise<PullOutcome> {
  const { shard, id } = account.connection;
  const clock = clockFrom(claim.now);
  const seen = new Set<string>();
  let offset = 0;
  for (let page = 0; page < pagesMax; page += 1) {
    const allowed = await reserveCalls(deps.sql, account, 1);
    if (allowed.kind === "refused" || !(await extendPullLease(deps.sql, shard, claim))) return { kind: "throttled" };
    const context = callContext(account, clock());
    const answer = await callProvider(deps, account, context, send => pull.page(context, window, offset, send));
    if (answer.kind !== "page" && answer.kind !== "deferred") {
      await recordFailure(deps, account, answer);
      return { kind: answer.kind === "throttled" ? "throttled" : "failed" };
    }
    await recordCallOutcome(deps.sql, shard, id, { kind: "answered" });
    if (answer.kind === "deferred") break;
    for (const { path, message } of answer.problems) {
      deps.log.warn(
        { connection_id: publicId("connection", id), path, problem: message },
        "row of a statement cannot be read",
      );
    }
    const fresh = answer.findings.filter(finding => !seen.has(rowKey(finding)));
    for (const finding of fresh) seen.add(rowKey(finding));
    const settled = await Promise.all(fresh.map(finding => settleRow(deps, account, finding, clock())));
    for (const { finished, transactionIds } of settled) if (finished) countStatementRow(counter, transactionIds);
    // A provider that ignores the offset lists the same rows forever.
    if (answer.nextOffset === null || fresh.length === 0) break;
    offset = answer.nextOffset;
  }
  return { kind: "done", rows: seen.size };
}

const rowKey = ({ identity }: Finding): string => identity.join("|");

/** The evidence's id is a digest of the row, so a row that is listed again counts once. */
async function settleRow(
  { settler }: ReconcileDeps,
  { connection }: ProviderAccount,
  finding: Finding,
  at: Date,
): Promise<Settled> {
  const evidence: Evidence = {
    ...finding,
    id: digestUuid(`statement|${connection.id}|${rowKey(finding)}|${finding.says}`),
    source: "statement",
    strength: "statement",
    callbackId: null,
    reading: 1,
    learntAt: at,
  };
  return await settler.settle(connection.shard, settleItem(connection, { evidence: [evidence] }));
}
