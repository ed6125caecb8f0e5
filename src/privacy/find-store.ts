import type { Sql } from "../database/connect.ts";
import { openRequest, type StoredRequest } from "../database/vault/callback-body.ts";
import { openBody } from "../outbox/fan-out-store.ts";
import type { DataSubject } from "./person.ts";

const batchMax = 500;
const lowestId = "00000000-0000-0000-0000-000000000000";

/** The person's transactions of a shard, by keyed hash. The index begins with the merchant, so all are named. */
export async function transactionsOf(sql: Sql, shard: number, { hashes, phone }: DataSubject): Promise<string[]> {
  const [now, before] = hashes;
  const rows = await sql<{ id: string }[]>`
    select t.id from transactions t
    where t.shard = ${shard} and t.merchant_id in (select id from merchants where shard = ${shard})
      and t.phone_hash in (${now!}, ${before!}) and t.phone_hash is not null
    union
    select t.id from transactions t where t.shard = ${shard} and t.phone = ${phone}`;
  return rows.map(({ id }) => id);
}

/** The person's USSD sessions of a shard. */
export async function sessionsOf(sql: Sql, shard: number, { subscriber, phone }: DataSubject) {
  return await sql<{ id: string; merchantId: string }[]>`
    select id, merchant_id as "merchantId" from ussd_sessions
    where shard = ${shard} and (phone_hash = decode(${subscriber}, 'hex') or phone = ${phone})`;
}

/** A callback that names the person, with what was read from it. */
export type FoundCallback = { id: string; isRead: boolean; transactionIds: string[]; body: string };

/** The callbacks of a shard whose bytes or answers name the person: every one that is still kept is opened. */
export async function callbacksNaming(sql: Sql, shard: number, person: DataSubject): Promise<FoundCallback[]> {
  const found: FoundCallback[] = [];
  for (let from = lowestId; ; ) {
    const rows = await sql<(StoredRequest & { transactionIds: string[] | null })[]>`
      select b.*, r.transaction_ids as "transactionIds" from callback_bodies b
      left join callback_readings r on r.shard = ${shard} and r.callback_id = b.id
      where b.shard = ${shard} and b.id > ${from} order by b.id limit ${batchMax}`;
    for (const row of rows) {
      const request = openRequest(row, sql.vault);
      const text = request && `${request.query}\n${request.body.toString("utf8")}`;
      if (text && person.isNamedIn(text)) {
        found.push({
          id: row.id,
          isRead: row.transactionIds !== null,
          transactionIds: row.transactionIds ?? [],
          body: text.trim(),
        });
      }
    }
    if (rows.length < batchMax) return found;
    from = rows.at(-1)!.id;
  }
}

/** An event about no transaction, as it is stored. */
export type FoundEvent = { id: string; transactionId: string; sealed: Uint8Array | null; plain: unknown; body: string };

/** The events of a shard about no transaction (messages, sessions) that name the person. */
export async function messagesNaming(sql: Sql, shard: number, person: DataSubject): Promise<FoundEvent[]> {
  const found: FoundEvent[] = [];
  for (let from = lowestId; ; ) {
    const rows = await sql<{ id: string; sealed: Uint8Array | null; body: string | null }[]>`
      select id, sealed, body from events
      where shard = ${shard} and transaction_id is null and id > ${from} order by id limit ${batchMax}`;
    for (const { id, sealed, body: plain } of rows) {
      const body = openBody({ id, sealed, body: plain }, sql.vault);
      if (person.isNamedIn(body)) found.push({ id, transactionId: "", sealed, plain, body });
    }
    if (rows.length < batchMax) return found;
    from = rows.at(-1)!.id;
  }
}

/** Shards that have merchants. */
export async function shardsWithMerchants(sql: Sql): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`select distinct shard from merchants order by shard`;
  return rows.map(({ shard }) => shard);
}
