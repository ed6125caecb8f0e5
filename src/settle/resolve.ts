import { randomUUID } from "node:crypto";
import type { Evidence } from "../domain/evidence.ts";
import type { FinalStatus } from "../domain/kinds.ts";
import type { ReconcileDeps } from "../reconcile/deps.ts";
import { clockOf, findTransaction } from "../reconcile/poll/transaction-store.ts";

/**
 * An operator's decision: evidence that outranks all other and closes the review. Rejects where there is no such transaction. Who decided is
 * the audit's to keep.
 */
export async function resolveByOperator(
  deps: Pick<ReconcileDeps, "sql" | "settle" | "connectionOf">,
  input: { shard: number; transactionId: string; status: FinalStatus; note: string },
): Promise<void> {
  const { shard, transactionId, status, note } = input;
  const t = await findTransaction(deps.sql, shard, transactionId);
  const connection = t && (await deps.connectionOf(shard, t.connectionId));
  if (!connection) throw new Error(`transaction ${transactionId} does not exist`);
  const evidence: Evidence = {
    id: randomUUID(),
    source: "operator",
    strength: "operator",
    callbackId: null,
    reading: 1,
    learntAt: await clockOf(deps.sql),
    kind: t.kind,
    says: status,
    refs: {},
    identity: [],
    note,
  };
  const item = { connection, callback: null, registration: null, target: t.id, messages: [], problems: [] };
  await deps.settle(shard, { ...item, evidence: [evidence] });
}
