import type { Connection } from "../../src/connections/connection.ts";
import type { Sql } from "../../src/database/connect.ts";
import { phoneHasher } from "../../src/database/installation-key.ts";
import type { Evidence } from "../../src/domain/evidence.ts";
import { digestUuid } from "../../src/domain/ids.ts";
import type { Registration, Transaction } from "../../src/domain/transaction.ts";
import { openBody } from "../../src/outbox/fan-out-store.ts";
import { providers } from "../../src/providers/registry.ts";
import type { SettleDeps } from "../../src/settle/batch.ts";
import { type SettleItem, settleItem } from "../../src/settle/item.ts";
import { type TransactionRow, transactionFromRow } from "../../src/settle/transaction-row.ts";
import { silentTelemetry } from "./silent-telemetry.ts";

/** The dependencies of settling on a test database, with every provider of the registry. */
export function settleDeps(sql: Sql): SettleDeps {
  return {
    sql,
    telemetry: silentTelemetry,
    providers,
    phones: phoneHasher(Buffer.from("a key for tests")),
  };
}

/** An item of one piece of evidence. `target`: the transaction it is about, where its ids do not say so. */
export function evidenceItem(connection: Connection, evidence: Evidence, target: string | null = null): SettleItem {
  return settleItem(connection, { target, evidence: [evidence] });
}

/** An item of one registration: an STK push without ids, unless the fields say otherwise. */
export function registrationItem(
  connection: Connection,
  fields: Partial<Registration>,
  { amend = false }: { amend?: boolean } = {},
): SettleItem {
  const blank: Registration = {
    kind: "stk_push",
    refs: {},
    reference: null,
    amount: null,
    phone: null,
    expiresAt: null,
    metadata: {},
  };
  return settleItem(connection, { registration: { ...blank, ...fields }, amend });
}

/** Evidence with an id of its own, as of another callback that says the same. */
export function withOwnId(evidence: Evidence, number: number): Evidence {
  return { ...evidence, id: digestUuid(`${evidence.id}|${number}`) };
}

/** All transactions of a connection, oldest first. */
export async function transactionsOf(sql: Sql, connection: Connection): Promise<Transaction[]> {
  const rows = await sql<TransactionRow[]>`
    select * from transactions where shard = ${connection.shard} and connection_id = ${connection.id} order by id`;
  return rows.map(row => transactionFromRow(row, sql.vault));
}

/** The transactions of a connection that were not merged into another one. */
export async function remainingTransactions(sql: Sql, connection: Connection): Promise<Transaction[]> {
  return (await transactionsOf(sql, connection)).filter(t => t.mergedInto === null);
}

export type AnnouncedEvent = {
  type: string;
  sequence: number;
  version: number;
  previous: string | null;
  correction: boolean;
  data: Record<string, unknown>;
};

/** The events of a transaction, in order. */
export async function eventsOf(sql: Sql, t: Pick<Transaction, "shard" | "id">): Promise<AnnouncedEvent[]> {
  const rows = await sql<{ id: string; type: string; sequence: number; sealed: Buffer; body: null }[]>`
    select id, type, sequence, sealed, body from events where shard = ${t.shard} and transaction_id = ${t.id} order by sequence`;
  return rows.map(({ type, sequence, ...row }) => {
    const { data } = JSON.parse(openBody(row, sql.vault));
    return {
      type,
      sequence,
      version: data.transaction.version,
      previous: data.previous_status,
      correction: data.correction,
      data,
    };
  });
}
