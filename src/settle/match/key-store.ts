import type { Tx } from "../../database/connect.ts";

export type IdentityKey = { connectionId: string; key: string };
export type OwnedIdentityKey = IdentityKey & { transactionId: string };

/**
 * Which transactions the identity texts belong to. One look-up each, by all of the key: as a join the planner, which knows nothing of
 * a fast-growing table, was seen to read a whole shard's keys for every batch.
 */
export async function ownersOf(tx: Tx, shard: number, keys: IdentityKey[]): Promise<OwnedIdentityKey[]> {
  if (keys.length === 0) return [];
  return await tx<OwnedIdentityKey[]>`
    select k.connection_id as "connectionId", k.key, k.transaction_id as "transactionId"
    from unnest(${keys.map(k => k.connectionId)}::uuid[], ${keys.map(k => k.key)}::text[]) as asked (connection_id, key)
    cross join lateral (
      select * from transaction_keys
      where shard = ${shard} and connection_id = asked.connection_id and key = asked.key limit 1
    ) k`;
}

/**
 * Claims identity texts; answers how many were free. One that a concurrent batch is claiming is waited for. Sorted, so that two
 * batches claim in one order and never wait for each other in a circle.
 */
export async function claimKeys(tx: Tx, shard: number, keys: OwnedIdentityKey[]): Promise<number> {
  if (keys.length === 0) return 0;
  const sorted = [...keys].sort((a, b) => (a.connectionId + a.key < b.connectionId + b.key ? -1 : 1));
  const result = await tx`
    insert into transaction_keys (shard, connection_id, key, transaction_id)
    select ${shard}, * from unnest(
      ${sorted.map(k => k.connectionId)}::uuid[], ${sorted.map(k => k.key)}::text[], ${sorted.map(k => k.transactionId)}::uuid[])
    on conflict do nothing`;
  return result.count;
}

/** Points a merged transaction's identity texts at the survivor, and frees the slot of a registration that got its ids. */
export async function moveKeys(tx: Tx, shard: number, from: string[], into: string): Promise<void> {
  await tx`
    update transaction_keys set transaction_id = ${into} where shard = ${shard} and transaction_id = any(${from}::uuid[])`;
}

export async function freeKeys(tx: Tx, shard: number, keys: IdentityKey[]): Promise<void> {
  if (keys.length === 0) return;
  await tx`
    delete from transaction_keys k
    using unnest(${keys.map(k => k.connectionId)}::uuid[], ${keys.map(k => k.key)}::text[]) as freed (connection_id, key)
    where k.shard = ${shard} and k.connection_id = freed.connection_id and k.key = freed.key`;
}

/** Identity texts of transactions that are about to be compared for a merge. */
export async function keysOf(tx: Tx, shard: number, ids: string[]): Promise<{ key: string; transactionId: string }[]> {
  return await tx<{ key: string; transactionId: string }[]>`
    select key, transaction_id as "transactionId" from transaction_keys
    where shard = ${shard} and transaction_id = any(${ids}::uuid[])`;
}
