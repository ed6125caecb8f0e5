/**
 * Thrown where a concurrent batch changed what this batch has read. That batch has committed, so a new attempt sees it.
 */
export class ConcurrentUpdate extends Error {}

/** Deadlock detected, and serialization failure. */
const retriedCodes = new Set(["40P01", "40001"]);

/** Whether a batch failed only because of a concurrent one, so that a new attempt can succeed. */
export function isConcurrentUpdate(error: unknown): boolean {
  return error instanceof ConcurrentUpdate || retriedCodes.has((error as { code?: string } | null)?.code ?? "");
}
