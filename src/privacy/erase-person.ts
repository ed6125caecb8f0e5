import type { Sql } from "../database/connect.ts";
import type { PhoneHasher } from "../database/installation-key.ts";
import { eraseEvents, eraseTransactions } from "./erase.ts";
import { eraseCallbacks, eraseSessions } from "./erase-store.ts";
import { findInShard } from "./find.ts";
import type { DataSubject } from "./person.ts";

const batchMax = 100;

/** How many rows of each kind were erased, or exported. */
export type PersonCounts = { transactions: number; callbacks: number; messages: number; ussd_sessions: number };

/** Erases a person in a shard, in database transactions of at most a hundred transactions each. */
export async function erasePersonInShard(
  sql: Sql,
  shard: number,
  person: DataSubject,
  phones: PhoneHasher,
): Promise<PersonCounts> {
  const { transactionIds, sessions, callbacks, messages } = await findInShard(sql, shard, person);
  for (const ids of inBatches(transactionIds.sort())) {
    await sql.begin(tx => eraseTransactions(tx, shard, ids, phones, person.without));
  }
  for (const rows of inBatches(messages)) {
    await sql.begin(tx => eraseEvents(tx, shard, rows, () => person.without));
  }
  // One that was not read yet is about to be: without its bytes the payment would be lost.
  for (const rows of inBatches(callbacks.filter(({ isRead }) => isRead))) {
    await sql.begin(tx =>
      eraseCallbacks(
        tx,
        shard,
        rows.map(({ id }) => id),
      ),
    );
  }
  for (const rows of inBatches(sessions)) {
    await sql.begin(tx =>
      eraseSessions(
        tx,
        shard,
        rows.map(({ id }) => id),
      ),
    );
  }
  return {
    transactions: transactionIds.length,
    callbacks: callbacks.length,
    messages: messages.length,
    ussd_sessions: sessions.length,
  };
}

function* inBatches<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += batchMax) yield rows.slice(at, at + batchMax);
}
