/**
 * Thrown where a concurrent batch changed what this batch has read. That batch has committed, so a new attempt sees it.
 */
export class ConcurrentUpdate extends Error {}

/** Deadlock detected, and serialization failure. */
const retriedCodes = new Set(["40P01", "40001"]);

const uniqueViolation = "23505";
/** A node of a cluster puts a number behind the name. */
const keysTable = /^transaction_keys(_\d+)?$/;

/** Whether a batch failed only because of a concurrent one, so that a new attempt can succeed. */
export function isConcurrentUpdate(error: unknown): boolean {
  if (error instanceof ConcurrentUpdate) return true;
  const { code = "", table_name = "" } = (error ?? {}) as { code?: string; table_name?: string };
  return retriedCodes.has(code) || (code === uniqueViolation && keysTable.test(table_name));
}
