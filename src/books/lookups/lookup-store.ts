import type { Queryable, Sql } from "../../database/connect.ts";

export type LookupState = "asking" | "found" | "not_found" | "unavailable";

export type LookupRow = {
  shard: number;
  id: string;
  merchantId: string;
  connectionId: string;
  receipt: string;
  state: LookupState;
  reason: string | null;
  createdAt: Date;
};

const columns = (sql: Queryable) => sql`
  shard, id, merchant_id as "merchantId", connection_id as "connectionId", receipt, state, reason,
  created_at as "createdAt"`;

export async function insertLookup(
  sql: Sql,
  shard: number,
  lookup: Pick<LookupRow, "id" | "merchantId" | "connectionId" | "receipt">,
): Promise<void> {
  await sql`
    insert into lookups (shard, id, merchant_id, connection_id, receipt, state)
    values (${shard}, ${lookup.id}, ${lookup.merchantId}, ${lookup.connectionId}, ${lookup.receipt}, 'asking')`;
}

/** The question about a receipt that has no answer yet, of the last `withinS` seconds. */
export async function askingLookup(
  sql: Sql,
  shard: number,
  connectionId: string,
  receipt: string,
  withinS: number,
): Promise<LookupRow | null> {
  const [row] = await sql<LookupRow[]>`
    select ${columns(sql)} from lookups
    where shard = ${shard} and connection_id = ${connectionId} and receipt = ${receipt} and state = 'asking'
      and created_at > now() - make_interval(secs => ${withinS})
    order by id desc limit 1`;
  return row ?? null;
}

/** A question; null for another merchant's than `merchantId` (null: any). */
export async function findLookup(sql: Sql, shard: number, id: string, merchantId: string | null) {
  const [row] = await sql<LookupRow[]>`
    select ${columns(sql)} from lookups
    where shard = ${shard} and id = ${id} and ${merchantId === null ? sql`true` : sql`merchant_id = ${merchantId}`}`;
  return row ?? null;
}

/** Notes under which conversation the answer will come. */
export async function awaitAnswer(sql: Sql, shard: number, id: string, conversation: string[]): Promise<void> {
  await sql`update lookups set conversation = ${conversation} where shard = ${shard} and id = ${id}`;
}

/** Ends a question. One that has its answer keeps it. */
export async function endLookup(
  sql: Sql,
  shard: number,
  id: string,
  { state, reason }: { state: Exclude<LookupState, "asking">; reason: string | null },
): Promise<void> {
  await sql`
    update lookups set state = ${state}, reason = ${reason}, answered_at = now()
    where shard = ${shard} and id = ${id} and state = 'asking'`;
}
