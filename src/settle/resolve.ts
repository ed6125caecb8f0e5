import { randomUUID } from "node:crypto";
import type { Directory } from "../connections/directory.ts";
import { databaseTime } from "../database/clock.ts";
import type { Sql } from "../database/connect.ts";
import type { Evidence } from "../domain/evidence.ts";
import type { FinalStatus } from "../domain/kinds.ts";
import type { Money } from "../domain/money.ts";
import { settleItem } from "./item.ts";
import type { Settler } from "./settler.ts";
import { findTransaction } from "./transaction-store.ts";

type ResolveDeps = { sql: Sql; settle: Settler["settle"]; connectionOf: Directory["byId"] };

/**
 * Settles an operator's decision: evidence that outranks all other and closes the review. Rejects where there is no
 * such transaction. `amount` is what was really paid, where the operator says so. The audit records who decided. The
 * same `evidenceId` again is the same decision.
 */
export async function resolveByOperator(
  deps: ResolveDeps,
  input: { shard: number; transactionId: string; status: FinalStatus; amount?: Money | null; note: string },
  evidenceId: string = randomUUID(),
): Promise<void> {
  const { shard, transactionId, status, amount = null, note } = input;
  const t = await findTransaction(deps.sql, shard, transactionId);
  const connection = t && (await deps.connectionOf(shard, t.connectionId));
  if (!connection) throw new Error(`transaction ${transactionId} does not exist`);
  const evidence: Evidence = {
    id: evidenceId,
    source: "operator",
    strength: "operator",
    callbackId: null,
    reading: 1,
    learntAt: await databaseTime(deps.sql),
    kind: t.kind,
    says: status,
    refs: {},
    identity: [],
    ...(amount && { amount }),
    note,
  };
  await deps.settle(shard, settleItem(connection, { target: t.id, evidence: [evidence] }));
}
