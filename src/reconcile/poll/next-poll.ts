import type { Connection } from "../../connections/connection.ts";
import { isFinal } from "../../domain/kinds.ts";
import type { StatusAnswer } from "../../providers/status.ts";
import { endStatusAt, endTimeOf, nextPollTime, noEnd, pollTimesOf } from "../../schedule/poll-times.ts";
import type { PollRelease } from "../../schedule/schedule-entry.ts";
import { type ClaimedPoll, releaseOf } from "./claimed-poll.ts";
import type { UsableAnswer } from "./poll-evidence.ts";

/** In ms after creation: a push's prompt (about 60 s) has ended by then. */
const promptLifeMs = 90_000;
/** The earliest poll after a provisional failure. */
const provisionalWaitMs = 30_000;
/** Deferred answers were seen to come after 85 s. */
const deferredAnswerWaitMs = 180_000;
/** After the last poll the entry is normally ended by `endOverdue`; this delay is only a fallback. */
const endFallbackMs = 60_000;
/** Calls without an answer, in a row, after which an audit leaves a transaction out. */
const auditFailuresMax = 5;
/** Waits after polls without an answer: doubled from the first to the longest. */
const failureWaitMs = { first: 30_000, max: 600_000 } as const;

/**
 * The release of a poll that ended with `answer`: when the transaction is polled next. An answer counts as a try, a
 * failure does not. Pure. Settling removes the entry where the answer made the transaction final, whatever this says.
 */
export function nextPoll(claimed: ClaimedPoll, connection: Connection, answer: StatusAnswer, now: Date): PollRelease {
  switch (answer.kind) {
    case "throttled":
    case "credentials-refused":
      return releaseOf(claimed, { dueAt: now, endsAt: endsAtOf(claimed, connection), urgent: claimed.wasUrgent });
    case "refused":
    case "unavailable":
      return afterFailure(claimed, connection, now);
    default:
      return {
        ...afterUsableAnswer(claimed, connection, answer, now),
        polled: true,
        tries: claimed.tries + 1,
        failures: 0,
      };
  }
}

function afterFailure(claimed: ClaimedPoll, connection: Connection, now: Date): PollRelease {
  const { transaction: t, wasUrgent: urgent } = claimed;
  const failures = claimed.failures + 1;
  if (claimed.isAudit && failures >= auditFailuresMax)
    return releaseOf(claimed, { dueAt: null, polled: true, failures });
  const waitMs = Math.min(failureWaitMs.first * 2 ** (failures - 1), failureWaitMs.max);
  const isOverdue = !isFinal(t.status) && endStatusAt(t, pollTimesOf(connection.settings), now) !== null;
  const next = isOverdue ? { dueAt: later(now, endFallbackMs), urgent: false } : { dueAt: later(now, waitMs), urgent };
  return releaseOf(claimed, { ...next, endsAt: endsAtOf(claimed, connection), polled: true, failures });
}

function afterUsableAnswer(claimed: ClaimedPoll, connection: Connection, answer: UsableAnswer, now: Date): PollRelease {
  const t = claimed.transaction;
  const isProvisional = answer.kind === "evidence" && answer.findings.some(f => f.provisional);
  const again = latest(later(t.createdAt, promptLifeMs), later(now, provisionalWaitMs));
  if (isFinal(t.status)) {
    // A final transaction is polled for a refund or for an audit: one answer that counts is enough.
    return releaseOf(claimed, claimed.isAudit && isProvisional ? { dueAt: again, endsAt: noEnd } : { dueAt: null });
  }
  const times = pollTimesOf(connection.settings);
  const endStatus = endStatusAt(t, times, now);
  if (isProvisional && endStatus !== "expired") {
    if (endStatus === "unresolved")
      return releaseOf(claimed, { dueAt: again, endsAt: later(again, provisionalWaitMs) });
    const scheduled = nextPollTime(t, times, now);
    return releaseOf(claimed, { dueAt: scheduled < again ? scheduled : again, endsAt: endTimeOf(t, times) });
  }
  if (endStatus === null) {
    return releaseOf(claimed, { dueAt: nextPollTime(t, times, now), endsAt: endTimeOf(t, times) });
  }
  const end = answer.kind === "deferred" ? later(now, deferredAnswerWaitMs) : now;
  return releaseOf(claimed, { dueAt: later(end, endFallbackMs), endsAt: end });
}

function endsAtOf({ transaction }: ClaimedPoll, connection: Connection): Date {
  return isFinal(transaction.status) ? noEnd : endTimeOf(transaction, pollTimesOf(connection.settings));
}

const later = (at: Date, ms: number) => new Date(at.getTime() + ms);
const latest = (a: Date, b: Date) => (a > b ? a : b);
