import type { Connection } from "../../connections/connection.ts";
import { isFinal } from "../../domain/kinds.ts";
import type { StatusAnswer } from "../../providers/provider.ts";
import { endStatusAt, endTimeOf, nextPollTime, noEnd, pollTimesOf } from "../../schedule/poll-times.ts";
import type { PollRelease } from "../../schedule/schedule-entry.ts";
import { type ClaimedPoll, releaseOf } from "./claimed-poll.ts";

/** A push's prompt has ended by then (it lives about 60 s), in ms after creation; and how soon a doubted failure is asked again. */
const promptLifeMs = 90_000;
const doubtedAgainMs = 30_000;
/** Answers that come as callbacks were seen after 85 s. */
const callbackWaitMs = 180_000;
/** Asked a last time, it is not due again: whoever ends what is over ends it, and this is for the case that nobody does. */
const endedWithinMs = 60_000;
const failureWaitMs = { first: 30_000, max: 600_000 } as const;

/**
 * Pure: when a question that came to `answer` is asked again. An answer spends a try, the lack of one none. Whether the transaction is
 * finished by it is settling's word: then the place is given up, whatever is said here.
 */
export function nextPoll(claimed: ClaimedPoll, connection: Connection, answer: StatusAnswer, now: Date): PollRelease {
  switch (answer.kind) {
    case "throttled":
    case "credentials-refused":
      return releaseOf(claimed, { dueAt: now, endsAt: endsAtOf(claimed, connection), urgent: claimed.wasUrgent });
    case "unavailable":
      return afterSilence(claimed, connection, now);
    default:
      return {
        ...afterWord(claimed, connection, answer, now),
        polled: true,
        tries: claimed.tries + 1,
        failures: 0,
      };
  }
}

function afterSilence(claimed: ClaimedPoll, connection: Connection, now: Date): PollRelease {
  const { transaction: t, wasUrgent: urgent } = claimed;
  const failures = claimed.failures + 1;
  const wait = Math.min(failureWaitMs.first * 2 ** (failures - 1), failureWaitMs.max);
  const isOver = !isFinal(t.status) && endStatusAt(t, pollTimesOf(connection.settings), now) !== null;
  const next = isOver ? { dueAt: later(now, endedWithinMs), urgent: false } : { dueAt: later(now, wait), urgent };
  return releaseOf(claimed, { ...next, endsAt: endsAtOf(claimed, connection), polled: true, failures });
}

function afterWord(claimed: ClaimedPoll, connection: Connection, answer: StatusAnswer, now: Date): PollRelease {
  const t = claimed.transaction;
  // Asked about a refund: one answer is all that was wanted.
  if (isFinal(t.status)) return releaseOf(claimed, { dueAt: null });
  const times = pollTimesOf(connection.settings);
  const ending = endStatusAt(t, times, now);
  const isDoubted = answer.kind === "evidence" && answer.findings.some(f => f.provisional);
  if (isDoubted && ending !== "expired") {
    const again = latest(later(t.createdAt, promptLifeMs), later(now, doubtedAgainMs));
    if (ending === "unresolved") return releaseOf(claimed, { dueAt: again, endsAt: later(again, doubtedAgainMs) });
    const slot = nextPollTime(t, times, now);
    return releaseOf(claimed, { dueAt: slot < again ? slot : again, endsAt: endTimeOf(t, times) });
  }
  if (ending === null) return releaseOf(claimed, { dueAt: nextPollTime(t, times, now), endsAt: endTimeOf(t, times) });
  const end = answer.kind === "asked" ? later(now, callbackWaitMs) : now;
  return releaseOf(claimed, { dueAt: later(end, endedWithinMs), endsAt: end });
}

function endsAtOf({ transaction }: ClaimedPoll, connection: Connection): Date {
  return isFinal(transaction.status) ? noEnd : endTimeOf(transaction, pollTimesOf(connection.settings));
}

const later = (at: Date, ms: number) => new Date(at.getTime() + ms);
const latest = (a: Date, b: Date) => (a > b ? a : b);
