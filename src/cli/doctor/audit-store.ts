import type { ChainedEntry } from "../../database/audit/chain.ts";
import type { Queryable, Sql } from "../../database/connect.ts";

type StoredHead = { sequence: number; lastId: string | null; hash: Buffer; mac: Buffer };
export type StoredEntry = ChainedEntry & { hash: Buffer };

const batchMax = 1_000;

/** One shard's head and its entries in order, in one snapshot: a server may be appending. */
export async function readChain<T>(
  sql: Sql,
  shard: number,
  read: (head: StoredHead | null, entries: AsyncGenerator<StoredEntry[]>) => Promise<T>,
): Promise<T> {
  return (await sql.begin("isolation level repeatable read read only", async tx => {
    const [head] = await tx<StoredHead[]>`
      select sequence::float8 as sequence, last_id as "lastId", hash, mac from audit_heads where shard = ${shard}`;
    return await read(head ?? null, entriesOf(tx, shard));
  })) as T;
}

async function* entriesOf(tx: Queryable, shard: number): AsyncGenerator<StoredEntry[]> {
  for (let after = 0; ; ) {
    const batch = await tx<StoredEntry[]>`
      select shard, sequence::float8 as sequence, id, previous_id as "previousId", merchant_id as "merchantId", actor,
        actor_kind as "actorKind", actor_name as "actorName", actor_address as "actorAddress", action, subject,
        before, after, hash, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
      from audit where shard = ${shard} and sequence > ${after}::float8::bigint order by sequence limit ${batchMax}`;
    if (batch.length > 0) yield batch;
    if (batch.length < batchMax) return;
    after = batch.at(-1)!.sequence;
  }
}

/** The oldest entry of a shard that is newer than the chain's first and not in the chain; null where there is none. */
export async function unchainedEntry(sql: Sql, shard: number): Promise<{ id: string; at: string } | null> {
  const [row] = await sql<{ id: string; at: string }[]>`
    select id, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from audit
    where shard = ${shard} and sequence is null
      and id > (select id from audit where shard = ${shard} and sequence is not null order by sequence limit 1)
    order by id limit 1`;
  return row ?? null;
}

/** The sealed key of the chain; null where no program of this version has started yet. */
export async function sealedAuditKey(sql: Sql, name: string): Promise<string | null> {
  const [row] = await sql<{ sealed: string }[]>`select sealed from installation_keys where name = ${name}`;
  return row?.sealed ?? null;
}

/** Whether any entry is in a chain. */
export async function hasChainedEntries(sql: Sql): Promise<boolean> {
  const [row] = await sql<
    { found: boolean }[]
  >`select exists (select 1 from audit where sequence is not null) as found`;
  return row!.found;
}
