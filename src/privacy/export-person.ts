import { findSession } from "../answer/ussd/sessions-store.ts";
import type { Sql } from "../database/connect.ts";
import { publicId } from "../domain/ids.ts";
import { transactionJson } from "../domain/transaction-json.ts";
import { ussdSessionJson } from "../domain/ussd-session.ts";
import { eventsOfTransactions, transactionsById } from "./export-store.ts";
import { findInShard } from "./find.ts";
import type { DataSubject } from "./person.ts";

/** What a shard holds of a person, as it is handed over. */
export type PersonExport = {
  transactions: Record<string, unknown>[];
  events: Record<string, unknown>[];
  callbacks: Record<string, unknown>[];
  ussd_sessions: Record<string, unknown>[];
};

/** Collects what a shard holds of a person. Transactions that were merged into another one are left out. */
export async function exportFromShard(sql: Sql, shard: number, person: DataSubject): Promise<PersonExport> {
  const { transactionIds, sessions, callbacks, messages } = await findInShard(sql, shard, person);
  const [transactions, events, dialogues] = await Promise.all([
    transactionsById(sql, shard, transactionIds),
    eventsOfTransactions(sql, shard, transactionIds),
    Promise.all(sessions.map(({ id, merchantId }) => findSession(sql, { shard, id, merchantId }))),
  ]);
  return {
    transactions: transactions.filter(t => t.mergedInto === null).map(transactionJson),
    events: [...events, ...messages.map(({ body }) => JSON.parse(body))] as Record<string, unknown>[],
    callbacks: callbacks.map(({ id, body }) => ({ id: publicId("callback", id), body })),
    ussd_sessions: dialogues.flatMap(each => (each === null ? [] : ussdSessionJson(each))),
  };
}
