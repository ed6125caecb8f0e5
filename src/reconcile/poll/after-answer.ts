import type { Connection } from "../../connections/connection.ts";
import { isFinal } from "../../domain/kinds.ts";
import type { StatusAnswer } from "../../providers/provider.ts";
import { endingOf, endOf, never, nextDue, timesOf } from "../../schedule/poll-times.ts";
import type { HeldAsk } from "../../settle/item.ts";
import { type Claimed, held } from "./claimed-poll.ts";

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
export function afterAnswer(claimed: Claimed, connection: Connection, answer: StatusAnswer, now: Date): HeldAsk {
  switch (answer.kind) {
    case "throttled":
    case "credentials-refused":
      return held(claimed, { dueAt: now, endsAt: endsAtOf(claimed, connection), urgent: claimed.wasUrgent });
    case "unavailable":
      return afterSilence(claimed, connection, now);
    default:
      return {
        ...afterWord(claimed, connection, answer, now),
        asked: true,
        tries: claimed.tries + 1,
        failures: 0,
      };
  }
}

function afterSilence(claimed: Claimed, connection: Connection, now: Date): HeldAsk {
  const { transaction: t, wasUrgent: urgent } = claimed;
  const failures = claimed.failures + 1;
  const wait = Math.min(failureWaitMs.first * 2 ** (failures - 1), failureWaitMs.max);
  const isOver = !isFinal(t.status) && endingOf(t, timesOf(connection.settings), now) !== null;
  const next = isOver ? { dueAt: later(now, endedWithinMs), urgent: false } : { dueAt: later(now, wait), urgent };
  return held(claimed, { ...next, endsAt: endsAtOf(claimed, connection), asked: true, failures });
}

function afterWord(claimed: Claimed, connection: Connection, answer: StatusAnswer, now: Date): HeldAsk {
  const t = claimed.transaction;
  // Asked about a refund: one answer is all that was wanted.
  if (isFinal(t.status)) return held(claimed, { dueAt: null });
  const times = timesOf(connection.settings);
  const ending = endingOf(t, times, now);
  const isDoubted = answer.kind === "evidence" && answer.findings.some(f => f.provisional);
  if (isDoubted && ending !== "expired") {
    const again = latest(later(t.createdAt, promptLifeMs), later(now, doubtedAgainMs));
    if (ending === "unresolved") return held(claimed, { dueAt: again, endsAt: later(again, doubtedAgainMs) });
    const slot = nextDue(t, times, now);
    return held(claimed, { dueAt: slot < again ? slot : again, endsAt: endOf(t, times) });
  }
  if (ending === null) return held(claimed, { dueAt: nextDue(t, times, now), endsAt: endOf(t, times) });
  const end = answer.kind === "asked" ? later(now, callbackWaitMs) : now;
  return held(claimed, { dueAt: later(end, endedWithinMs), endsAt: end });
}

function endsAtOf({ transaction }: Claimed, connection: Connection): Date {
  return isFinal(transaction.status) ? never : endOf(transaction, timesOf(connection.settings));
}

const later = (at: Date, ms: number) => new Date(at.getTime() + ms);
const latest = (a: Date, b: Date) => (a > b ? a : b);
