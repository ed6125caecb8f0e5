import { isUnavailable } from "../../database/unavailable.ts";
import { publicId } from "../../domain/ids.ts";
import { isFinal } from "../../domain/kinds.ts";
import type { Transaction } from "../../domain/transaction.ts";
import type { CallFailure } from "../../providers/call.ts";
import type { StatusAnswer } from "../../providers/status.ts";
import { releasePolls } from "../../schedule/queue-store.ts";
import type { PollRecord } from "../../schedule/schedule-entry.ts";
import { type Settled, settleItem } from "../../settle/item.ts";
import { findTransaction } from "../../settle/transaction-store.ts";
import { recordCallOutcome } from "../calls/call-limits-store.ts";
import { disablePolling } from "../calls/disable-polling.ts";
import type { ProviderAccount } from "../calls/provider-account.ts";
import { describeFailure, recordFailure } from "../calls/record-failure.ts";
import type { ReconcileDeps } from "../deps.ts";
import type { ClaimedPoll } from "./claimed-poll.ts";
import { hasDrifted } from "./drift.ts";
import { giveBack } from "./give-back.ts";
import { nextPoll } from "./next-poll.ts";
import { evidenceOfAnswer, type UsableAnswer } from "./poll-evidence.ts";
import { recordOf } from "./poll-record.ts";
import type { PollResult } from "./poll-result.ts";
import { requeueDeferredAnswers } from "./requeue-store.ts";

/** `polledAt` is when the call began, `now` when it ended; both the database's time. `latencyMs` is the call's. */
type PollClock = { polledAt: Date; now: Date; latencyMs: number };

/**
 * Settles the answer of a poll as evidence and releases the poll in the same batch. A failed call counts against the
 * account's limits, and the poll is released. The poll's record is written with the release, whatever came of it.
 * Rejects where the database is unavailable; the poll is then given back as soon as it can be.
 */
export async function settleAnswer(
  deps: ReconcileDeps,
  account: ProviderAccount,
  claimed: ClaimedPoll,
  answer: StatusAnswer,
  times: PollClock,
): Promise<PollResult> {
  const record = recordOf(answer, account.connection.shard, times.polledAt, times.latencyMs);
  try {
    return await settleRecorded(deps, account, claimed, answer, record, times);
  } catch (error) {
    void giveBack(deps.sql, claimed, record, times.now);
    throw error;
  }
}

async function settleRecorded(
  deps: ReconcileDeps,
  account: ProviderAccount,
  claimed: ClaimedPoll,
  answer: StatusAnswer,
  record: PollRecord,
  times: PollClock,
): Promise<PollResult> {
  switch (answer.kind) {
    case "throttled":
    case "credentials-refused":
    case "refused":
    case "unavailable":
      return await settleFailure(deps, account, claimed, answer, record, times.now);
    default:
      return await settleUsableAnswer(deps, account, claimed, answer, record, times);
  }
}

async function settleFailure(
  deps: ReconcileDeps,
  account: ProviderAccount,
  claimed: ClaimedPoll,
  failure: CallFailure,
  record: PollRecord,
  now: Date,
): Promise<PollResult> {
  const { connection } = account;
  await recordFailure(deps, account, failure);
  const release = { ...nextPoll(claimed, connection, failure, now), record };
  await deps.sql.begin(tx => releasePolls(tx, connection.shard, [release]));
  const retryAfterS = failure.kind === "throttled" ? failure.retryAfterS : null;
  return { outcome: failure.kind, detail: describeFailure(failure), retryAfterS };
}

async function settleUsableAnswer(
  deps: ReconcileDeps,
  account: ProviderAccount,
  claimed: ClaimedPoll,
  answer: UsableAnswer,
  record: PollRecord,
  { polledAt, now }: PollClock,
): Promise<PollResult> {
  const { connection } = account;
  const { shard, id } = connection;
  const t = claimed.transaction;
  await recordCallOutcome(deps.sql, shard, id, { kind: "answered" });
  const settled = await trySettle(deps, account, claimed, answer, record, now);
  if (settled === null) {
    // As after a call without an answer: otherwise the poll would be repeated as soon as its lease expires, with the
    // same end.
    const failure: CallFailure = { kind: "unavailable", reason: "the answer could not be settled" };
    const unsettled: PollRecord = { ...record, outcome: "unavailable", reason: failure.reason };
    const release = { ...nextPoll(claimed, connection, failure, now), urgent: false, record: unsettled };
    await deps.sql.begin(tx => releasePolls(tx, shard, [release]));
    return { outcome: "unavailable", detail: failure.reason, retryAfterS: null };
  }
  if (settled.lost) return { outcome: "lost", detail: "the lease expired during the poll", retryAfterS: null };
  if (answer.kind === "deferred") await requeueDeferredAnswers(deps.sql, shard, id, answer.conversation, polledAt);
  if (answer.kind === "stop") {
    await disablePolling(deps, account, t.kind, answer.reason);
    return { outcome: "stopped", detail: answer.reason, retryAfterS: null };
  }
  const outcome = settled.statuses.some(isFinal) ? "settled" : "pending";
  const result: PollResult = { outcome, detail: "answered", retryAfterS: null };
  return claimed.isAudit ? { ...result, audit: await auditResult(deps, t, answer) } : result;
}

async function auditResult(
  { sql }: Pick<ReconcileDeps, "sql">,
  before: Transaction,
  answer: UsableAnswer,
): Promise<NonNullable<PollResult["audit"]>> {
  if (answer.kind === "deferred") return "deferred";
  if (answer.kind === "evidence" && answer.findings.some(f => f.provisional)) return "provisional";
  const after = await findTransaction(sql, before.shard, before.id);
  return after !== null && hasDrifted(before, after, answer) ? "drifted" : "same";
}

/** Null where the database refuses this answer. Rejects where the database is unavailable. */
async function trySettle(
  { settler, log }: ReconcileDeps,
  { connection }: ProviderAccount,
  claimed: ClaimedPoll,
  answer: UsableAnswer,
  record: PollRecord,
  now: Date,
): Promise<Settled | null> {
  const t = claimed.transaction;
  const evidence = evidenceOfAnswer(answer, t, record.id, now);
  try {
    const poll = { ...nextPoll(claimed, connection, answer, now), record };
    return await settler.settle(t.shard, settleItem(connection, { target: t.id, evidence, poll }));
  } catch (error) {
    if (isUnavailable(error)) throw error;
    log.error(
      { err: error, transaction_id: publicId("transaction", t.id) },
      "poll answer not settled: the database rejected it",
    );
    return null;
  }
}
