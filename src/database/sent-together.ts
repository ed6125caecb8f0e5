/** SQLSTATE of a statement that came after the one that failed the database transaction. */
const afterFailure = "25P02";

/**
 * Waits for statements that one database transaction has sent together. Rejects, once all are answered, with the error
 * that failed the transaction: the answers to one packet reject in no certain order.
 */
export async function allSent(statements: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(statements);
  const reasons = results.flatMap(result => (result.status === "rejected" ? [result.reason as unknown] : []));
  if (reasons.length === 0) return;
  throw reasons.find(reason => (reason as { code?: unknown } | null)?.code !== afterFailure) ?? reasons[0];
}
