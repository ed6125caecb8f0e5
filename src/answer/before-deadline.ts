import { isTimeout, withTimeout } from "../database/unavailable.ts";

/** How work under a deadline went: its value, nothing in time, or its error. */
export type DeadlineOutcome<T> = { kind: "done"; value: T } | { kind: "late" } | { kind: "failed"; error: unknown };

/** Waits for `work` for at most `ms`. Work that is late goes on. Never rejects. */
export async function beforeDeadline<T>(work: PromiseLike<T>, ms: number): Promise<DeadlineOutcome<T>> {
  try {
    return { kind: "done", value: await withTimeout(work, Math.max(0, ms)) };
  } catch (error) {
    return isTimeout(error) ? { kind: "late" } : { kind: "failed", error };
  }
}
