import type { Tx } from "../../database/connect.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { Money } from "../../domain/money.ts";
import type { IdentityKey, OwnedIdentityKey } from "../match/key-store.ts";

/** A completed reversal. `receipt` is the identity key of the payment that it refunds. */
export type Reversal = {
  connectionId: string;
  receipt: string;
  transactionId: string;
  source: Evidence["source"];
  strength: Evidence["strength"];
  /** What the reversal gave back; null where it does not say: the whole payment. */
  amount: Money | null;
};

/** Stores completed reversals. One that is stored already gets its present amount and strength. */
export async function upsertReversals(tx: Tx, shard: number, reversals: Reversal[]): Promise<void> {
  await tx`
    insert into reversals (shard, connection_id, receipt, transaction_id, source, strength, amount, currency)
    select ${shard}, * from unnest(
      ${reversals.map(r => r.connectionId)}::uuid[], ${reversals.map(r => r.receipt)}::text[],
      ${reversals.map(r => r.transactionId)}::uuid[], ${reversals.map(r => r.source)}::text[],
      ${reversals.map(r => r.strength)}::text[], ${reversals.map(r => r.amount?.minor.toString() ?? null)}::int8[],
      ${reversals.map(r => r.amount?.currency ?? null)}::text[])
    on conflict (shard, connection_id, receipt, transaction_id) do update set
      source = excluded.source, strength = excluded.strength, amount = excluded.amount, currency = excluded.currency`;
}

export async function reversalsOfReceipts(
  tx: Tx,
  shard: number,
  receipts: { connectionId: string; receipt: string }[],
): Promise<Reversal[]> {
  const rows = await tx<(Omit<Reversal, "amount"> & { amount: bigint | null; currency: string | null })[]>`
    select r.connection_id as "connectionId", r.receipt, r.transaction_id as "transactionId", r.source, r.strength,
      r.amount, r.currency
    from unnest(${receipts.map(r => r.connectionId)}::uuid[], ${receipts.map(r => r.receipt)}::text[])
      as asked (connection_id, receipt)
    join reversals r on r.shard = ${shard} and r.connection_id = asked.connection_id and r.receipt = asked.receipt`;
  return rows.map(({ amount, currency, ...reversal }) => ({
    ...reversal,
    amount: amount === null ? null : { minor: amount, currency: currency! },
  }));
}

/**
 * The transactions that own the receipts. A concurrent batch that claims one of the receipts must not miss the
 * reversal, and the reversal must not miss that batch's payment. So the free keys are inserted and deleted again: the
 * insert waits for such a batch, or makes it wait, and that batch looks for reversals only once it owns the key.
 */
export async function receiptOwners(tx: Tx, shard: number, reversals: Reversal[]): Promise<OwnedIdentityKey[]> {
  const keys: IdentityKey[] = reversals.map(r => ({ connectionId: r.connectionId, key: r.receipt }));
  const sorted = keys.sort((a, b) => (a.connectionId + a.key < b.connectionId + b.key ? -1 : 1));
  const [connectionIds, texts] = [sorted.map(k => k.connectionId), sorted.map(k => k.key)];
  const inserted = await tx<IdentityKey[]>`
    insert into transaction_keys (shard, connection_id, key, transaction_id)
    select ${shard}, connection_id, key, gen_random_uuid()
    from unnest(${connectionIds}::uuid[], ${texts}::text[]) as wanted (connection_id, key)
    on conflict do nothing
    returning connection_id as "connectionId", key`;
  if (inserted.length > 0) {
    await tx`
      delete from transaction_keys k
      using unnest(${inserted.map(k => k.connectionId)}::uuid[], ${inserted.map(k => k.key)}::text[])
        as freed (connection_id, key)
      where k.shard = ${shard} and k.connection_id = freed.connection_id and k.key = freed.key`;
  }
  return await tx<OwnedIdentityKey[]>`
    select k.connection_id as "connectionId", k.key, k.transaction_id as "transactionId"
    from unnest(${connectionIds}::uuid[], ${texts}::text[]) as wanted (connection_id, key)
    join transaction_keys k on k.shard = ${shard} and k.connection_id = wanted.connection_id and k.key = wanted.key`;
}
