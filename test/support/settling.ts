import { createHmac } from "node:crypto";
import type { Connection } from "../../src/connections/connection.ts";
import type { Sql } from "../../src/database/connect.ts";
import type { Evidence } from "../../src/domain/evidence.ts";
import { digestUuid } from "../../src/domain/ids.ts";
import type { Registration, Transaction } from "../../src/domain/transaction.ts";
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
    phoneHash: phone => createHmac("sha256", "a key for tests").update(phone).digest(),
  };
}

/** What one callback, answer or decision said. */
export function heard(connection: Connection, evidence: Evidence, target: string | null = null): SettleItem {
  return settleItem(connection, { target, evidence: [evidence] });
}

export function registering(connection: Connection, registration: Partial<Registration>): SettleItem {
  const blank: Registration = {
    kind: "stk_push",
    refs: {},
    reference: null,
    amount: null,
    phone: null,
    expiresAt: null,
    metadata: {},
  };
  return settleItem(connection, { registration: { ...blank, ...registration } });
}

/** A piece of evidence under an id of its own, however like another it is: two callbacks that say the same. */
export function apart(evidence: Evidence, number: number): Evidence {
  return { ...evidence, id: digestUuid(`${evidence.id}|${number}`) };
}

export async function transactionsOf(sql: Sql, connection: Connection): Promise<Transaction[]> {
  const rows = await sql<TransactionRow[]>`
    select * from transactions where shard = ${connection.shard} and connection_id = ${connection.id} order by id`;
  return rows.map(transactionFromRow);
}

/** Those that were not merged into another. */
export async function standing(sql: Sql, connection: Connection): Promise<Transaction[]> {
  return (await transactionsOf(sql, connection)).filter(t => t.mergedInto === null);
}

export type Told = {
  type: string;
  sequence: number;
  version: number;
  previous: string | null;
  correction: boolean;
  data: Record<string, unknown>;
};

/** What was told of a transaction, in order. */
export async function toldOf(sql: Sql, t: Pick<Transaction, "shard" | "id">): Promise<Told[]> {
  const rows = await sql<{ type: string; sequence: number; body: string }[]>`
    select type, sequence, body from events where shard = ${t.shard} and transaction_id = ${t.id} order by sequence`;
  return rows.map(({ type, sequence, body }) => {
    const { data } = JSON.parse(body);
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
