import type { ConnectionSettings } from "../connections/settings.ts";
import { isFinal } from "../domain/kinds.ts";
import type { Transaction } from "../domain/transaction.ts";

/** When a transaction is asked about, in seconds after its creation. */
const scheduleByDefaultS = [
  30, 60, 90, 120, 180, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 129_600, 169_200,
] as const;
const giveUpAfterByDefaultS = 172_800;

export type PollTimes = { slotsS: readonly number[]; giveUpAfterS: number };

/** A connection's own times, or the usual ones. Slots after giving up are none. */
export function pollTimesOf({ reconcile }: ConnectionSettings): PollTimes {
  const giveUpAfterS = reconcile?.give_up_after_s ?? giveUpAfterByDefaultS;
  const slotsS = [...(reconcile?.schedule_s ?? scheduleByDefaultS)].sort((a, b) => a - b);
  return { slotsS: slotsS.filter(slot => slot < giveUpAfterS), giveUpAfterS };
}

/** The end of what is asked although it is finished: no schedule ends it. */
export const never = new Date(Date.UTC(9999, 0, 1));

type Timed = Pick<Transaction, "createdAt" | "expiresAt" | "status">;

/** When the schedule ends it: at `expires_at` as expired, or at the time to give up as unresolved, whichever is first. */
export function endOf(t: Timed, times: PollTimes): Date {
  const giveUpAt = giveUpTime(t, times);
  if (t.status === "unresolved") return t.expiresAt ?? giveUpAt;
  return t.expiresAt !== null && t.expiresAt < giveUpAt ? t.expiresAt : giveUpAt;
}

/** What it ends as at `now`; null where it is too early. */
export function endingOf(t: Timed, times: PollTimes, now: Date): "expired" | "unresolved" | null {
  if (t.expiresAt !== null && t.expiresAt <= now) return "expired";
  return t.status !== "unresolved" && giveUpTime(t, times) <= now ? "unresolved" : null;
}

/** Whether the schedule has anything left to do for it. What is unresolved is asked no more, but it can still expire. */
export function isScheduled(t: Pick<Transaction, "status" | "expiresAt" | "mergedInto">): boolean {
  if (t.mergedInto !== null || isFinal(t.status)) return false;
  return t.status !== "unresolved" || t.expiresAt !== null;
}

/**
 * When it is due next: the first slot that is not yet past, or its end. Slots that passed while nobody could ask are not made up for:
 * one answer now says as much as five.
 */
export function nextDue(t: Timed, times: PollTimes, now: Date): Date {
  const end = endOf(t, times);
  if (t.status === "unresolved") return end;
  const elapsedMs = now.getTime() - t.createdAt.getTime();
  const slot = times.slotsS.find(s => s * 1000 > elapsedMs);
  const due = slot === undefined ? end : new Date(t.createdAt.getTime() + slot * 1000);
  return due < end ? due : end;
}

function giveUpTime({ createdAt }: Timed, { giveUpAfterS }: PollTimes): Date {
  return new Date(createdAt.getTime() + giveUpAfterS * 1000);
}
