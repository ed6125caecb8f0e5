import type { Tx } from "../../database/connect.ts";

/** A key that identifies a transaction within a connection (identity-keys.ts). */
export type IdentityKey = { connectionId: string; key: string };
export type OwnedIdentityKey = IdentityKey & { transactionId: string };

/** A merged transaction, and the one that remains: never itself merged. */
export type Move = { from: string; into: string };

/** Transaction ids by the scoped key that each transaction owns. */
export type KeyOwners = ReadonlyMap<string, string>;

/** A key with its connection, as one text. */
export function scopedKey(connectionId: string, key: string): string {
  return `${connectionId}|${key}`;
}

/**
 * The transactions that own the keys. One look-up each, by the whole key: as a join, the planner, which has no
 * statistics of a fast-growing table, was seen to read a whole shard's keys for every batch.
 */
export async function ownersOf(tx: Tx, shard: number, keys: IdentityKey[]): Promise<KeyOwners> {
  if (keys.length === 0) return new Map();
  const rows = await tx<OwnedIdentityKey[]>`
    select k.connection_id as "connectionId", k.key, k.transaction_id as "transactionId"
    from unnest(${keys.map(k => k.connectionId)}::uuid[], ${keys.map(k => k.key)}::text[]) as asked (connection_id, key)
    cross join lateral (
      select * from transaction_keys
      where shard = ${shard} and connection_id = asked.connection_id and key = asked.key limit 1
    ) k`;
  return new Map(rows.map(row => [scopedKey(row.connectionId, row.key), row.transactionId]));
}

/**
 * Inserts keys. A key that a concurrent batch is inserting is waited for; one that is not free fails the database
 * transaction (concurrent-update.ts). Sorted, so that two batches insert in one order and do not deadlock.
 */
export async function insertKeys(tx: Tx, shard: number, keys: OwnedIdentityKey[]): Promise<void> {
  if (keys.length === 0) return;
  const sorted = [...keys].sort((a, b) => (a.connectionId + a.key < b.connectionId + b.key ? -1 : 1));
  await tx`
    insert into transaction_keys (shard, connection_id, key, transaction_id)
    select ${shard}, * from unnest(
      ${sorted.map(k => k.connectionId)}::uuid[], ${sorted.map(k => k.key)}::text[],
      ${sorted.map(k => k.transactionId)}::uuid[])`;
}

/** Gives the keys of merged transactions to those they were merged into. */
export async function moveKeys(tx: Tx, shard: number, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  await tx`
    update transaction_keys k set transaction_id = moved.into_id
    from unnest(${moves.map(m => m.from)}::uuid[], ${moves.map(m => m.into)}::uuid[]) as moved (from_id, into_id)
    where k.shard = ${shard} and k.transaction_id = moved.from_id`;
}

/** Frees keys, as far as these transactions own them. */
export async function deleteKeys(tx: Tx, shard: number, keys: OwnedIdentityKey[]): Promise<void> {
  if (keys.length === 0) return;
  await tx`
    delete from transaction_keys k
    using unnest(${keys.map(k => k.connectionId)}::uuid[], ${keys.map(k => k.key)}::text[],
      ${keys.map(k => k.transactionId)}::uuid[]) as freed (connection_id, key, transaction_id)
    where k.shard = ${shard} and k.connection_id = freed.connection_id and k.key = freed.key
      and k.transaction_id = freed.transaction_id`;
}

/** The keys of transactions that are to be compared. */
export async function keysOf(tx: Tx, shard: number, ids: string[]): Promise<{ key: string; transactionId: string }[]> {
  return await tx<{ key: string; transactionId: string }[]>`
    select key, transaction_id as "transactionId" from transaction_keys
    where shard = ${shard} and transaction_id = any(${ids}::uuid[])`;
}
