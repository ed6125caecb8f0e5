import { createHash } from "node:crypto";
import { clockFrom } from "../../database/clock.ts";
import { publicId } from "../../domain/ids.ts";
import type { CallFailure } from "../../providers/call.ts";
import type { PullCall, PullPage } from "../../providers/pull.ts";
import { readCallLimits, recordCallOutcome, reserveCalls } from "../calls/call-limits-store.ts";
import { callProvider } from "../calls/call-provider.ts";
import { callContext, type ProviderAccount } from "../calls/provider-account.ts";
import { describeFailure, recordFailure } from "../calls/record-failure.ts";
import type { ReconcileDeps } from "../deps.ts";
import type { PassCounter } from "../pass-counts.ts";
import { callTimeMs, isOver, type PassTime } from "../pass-time.ts";
import { keepProgress, type PullClaim, type PullProgress } from "./pull-store.ts";
import { rowKey, settleRows } from "./settle-rows.ts";

/** How a pull ended, or why it stopped before its last page. `rows` were listed since it went on. */
export type PullOutcome = { rows: number } & (
  | { kind: "done" }
  | { kind: "failed"; reason: string }
  /** The limits allow no call before `until`; null where that is not known. */
  | { kind: "throttled"; until: Date | null }
  /** The pass is over. */
  | { kind: "unfinished" }
  /** `unreachable`: the offset leads to no other rows, so that going on from it is no use. */
  | { kind: "endless"; reason: string; unreachable: boolean }
  | { kind: "lost" }
);

const pagesWithoutNewMax = 10;
const rowsMax = 100_000;

/**
 * Pulls the pages of one connection's statement from where the last pull stopped, and settles the rows of each page
 * before the progress is kept: a page that was settled twice is evidence once. One reserved call for each page.
 */
export async function pullPages(
  deps: ReconcileDeps,
  account: ProviderAccount,
  pull: PullCall,
  claim: PullClaim,
  start: PullProgress,
  { time, counter }: { time: PassTime; counter: PassCounter },
): Promise<PullOutcome> {
  const { shard, id } = account.connection;
  const clock = clockFrom(claim.now);
  const seen = new Set<string>();
  let progress = start;
  let rows = 0;
  if (!(await keepProgress(deps.sql, shard, claim, progress))) return { kind: "lost", rows };
  for (;;) {
    if (isOver(time)) return { kind: "unfinished", rows };
    const allowed = await reserveCalls(deps.sql, account, 1);
    if (allowed.kind === "refused") return { kind: "throttled", until: allowed.until, rows };
    const context = callContext(account, clock());
    const page = (send: Parameters<PullCall["page"]>[3]) => pull.page(context, progress, progress.offset, send);
    const answer = await callProvider(deps, account, context, page, { timeMs: callTimeMs(time) });
    if (answer.kind !== "page" && answer.kind !== "deferred") return { ...(await failed(deps, account, answer)), rows };
    await recordCallOutcome(deps.sql, shard, id, { kind: "answered" });
    if (answer.kind === "deferred") return { kind: "done", rows };
    logProblems(deps, id, answer);
    const fresh = answer.findings.filter(finding => !seen.has(rowKey(finding)));
    for (const finding of fresh) seen.add(rowKey(finding));
    await settleRows(deps, account, fresh, clock(), counter);
    rows += answer.rows;
    if (answer.rows === 0 || answer.nextOffset === null) return { kind: "done", rows };
    progress = progressAfter(progress, answer, answer.nextOffset, fresh.length > 0);
    const endless = whyEndless(progress);
    const kept = endless === null ? progress : { ...progress, rows: 0, pagesWithoutNew: 0 };
    if (!(await keepProgress(deps.sql, shard, claim, kept))) return { kind: "lost", rows };
    if (endless !== null) return { kind: "endless", ...endless, rows };
  }
}

type Page = Extract<PullPage, { kind: "page" }>;

function progressAfter(before: PullProgress, page: Page, offset: number, hasFresh: boolean): PullProgress {
  const lastPage = createHash("sha256").update(page.findings.map(rowKey).join("\n")).digest("base64url");
  // Rows that cannot be read have no identity: they count as new, up to the limit of rows.
  const isNew = page.rows > page.findings.length || (hasFresh && lastPage !== before.lastPage);
  const pagesWithoutNew = isNew ? 0 : before.pagesWithoutNew + 1;
  return { ...before, offset, rows: before.rows + page.rows, pagesWithoutNew, lastPage };
}

function whyEndless({ pagesWithoutNew, rows }: PullProgress): { reason: string; unreachable: boolean } | null {
  if (pagesWithoutNew >= pagesWithoutNewMax) {
    const reason = `the provider listed nothing new on ${pagesWithoutNewMax} pages in a row, and no last page`;
    return { reason, unreachable: true };
  }
  if (rows < rowsMax) return null;
  return { reason: `the provider listed ${rowsMax} rows and no last page`, unreachable: false };
}

async function failed(deps: ReconcileDeps, account: ProviderAccount, failure: CallFailure) {
  const { shard, id } = account.connection;
  await recordFailure(deps, account, failure);
  if (failure.kind !== "throttled") return { kind: "failed", reason: describeFailure(failure) } as const;
  return { kind: "throttled", until: (await readCallLimits(deps.sql, shard, id)).pausedUntil } as const;
}

function logProblems({ log }: Pick<ReconcileDeps, "log">, connectionId: string, { problems }: Page): void {
  for (const { path, message } of problems) {
    const fields = { connection_id: publicId("connection", connectionId), path, problem: message };
    log.warn(fields, "row of a statement cannot be read");
  }
}
