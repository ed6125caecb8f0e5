import type { ConnectionSettings } from "../connections/settings.ts";
import { isFinal } from "../domain/kinds.ts";
import type { Transaction } from "../domain/transaction.ts";

/** When a transaction is polled, in seconds after its creation. */
const pollAfterByDefaultS = [
  30, 60, 90, 120, 180, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 129_600, 169_200,
] as const;
const giveUpAfterByDefaultS = 172_800;

/** Both in seconds after the creation of a transaction; `pollAfterS` ascending. */
export type PollTimes = { pollAfterS: readonly number[]; giveUpAfterS: number };

/** The connection's own poll times, or the default ones. Poll times after giving up are dropped. */
export function pollTimesOf({ reconcile }: ConnectionSettings): PollTimes {
  const giveUpAfterS = reconcile?.give_up_after_s ?? giveUpAfterByDefaultS;
  const pollAfterS = [...(reconcile?.schedule_s ?? pollAfterByDefaultS)].sort((a, b) => a - b);
  return { pollAfterS: pollAfterS.filter(seconds => seconds < giveUpAfterS), giveUpAfterS };
}

/** `ends_at` for polls of already final transactions: the schedule never ends them. */
export const noEnd = new Date(Date.UTC(9999, 0, 1));

type Timed = Pick<Transaction, "createdAt" | "expiresAt" | "status">;

/**
 * When the schedule ends a transaction: as expired at `expires_at`, or as unresolved at the time to give up, whichever
 * is first.
 */
export function endTimeOf(t: Timed, times: PollTimes): Date {
  const giveUpAt = giveUpTime(t, times);
  if (t.status === "unresolved") return t.expiresAt ?? giveUpAt;
  return t.expiresAt !== null && t.expiresAt < giveUpAt ? t.expiresAt : giveUpAt;
}

/** The status that the schedule ends a transaction with at `now`; null before its end time. */
export function endStatusAt(t: Timed, times: PollTimes, now: Date): "expired" | "unresolved" | null {
  if (t.expiresAt !== null && t.expiresAt <= now) return "expired";
  return t.status !== "unresolved" && giveUpTime(t, times) <= now ? "unresolved" : null;
}

/**
 * Whether the transaction has an entry in the schedule. An unresolved one is polled no more, but it can still expire.
 */
export function isScheduled(t: Pick<Transaction, "status" | "expiresAt" | "mergedInto">): boolean {
  if (t.mergedInto !== null || isFinal(t.status)) return false;
  return t.status !== "unresolved" || t.expiresAt !== null;
}

/**
 * The next poll: the first poll time after `now`, or the end time. Missed poll times are not caught up: one answer now
 * says as much as five.
 */
export function nextPollTime(t: Timed, times: PollTimes, now: Date): Date {
  const end = endTimeOf(t, times);
  if (t.status === "unresolved") return end;
  const elapsedMs = now.getTime() - t.createdAt.getTime();
  const nextS = times.pollAfterS.find(seconds => seconds * 1000 > elapsedMs);
  const next = nextS === undefined ? end : new Date(t.createdAt.getTime() + nextS * 1000);
  return next < end ? next : end;
}

function giveUpTime({ createdAt }: Timed, { giveUpAfterS }: PollTimes): Date {
  return new Date(createdAt.getTime() + giveUpAfterS * 1000);
}
