import type { Tx } from "../../database/connect.ts";
import type { KnownBalance } from "../item.ts";

/** Keeps balances that callbacks told. Told twice, a balance is there once. */
export async function insertBalances(tx: Tx, shard: number, balances: KnownBalance[]): Promise<void> {
  if (balances.length === 0) return;
  await tx`
    insert into balances (shard, connection_id, id, at, amount, currency, change, learnt_at)
    select ${shard}, connection_id, id, at::timestamptz, amount, currency, change, learnt_at::timestamptz
    from unnest(
      ${balances.map(b => b.connectionId)}::uuid[], ${balances.map(b => b.id)}::uuid[],
      ${balances.map(b => b.at.toISOString())}::text[], ${balances.map(b => b.amount.minor.toString())}::int8[],
      ${balances.map(b => b.amount.currency)}::text[], ${balances.map(b => b.change?.toString() ?? null)}::int8[],
      ${balances.map(b => b.learntAt.toISOString())}::text[])
      as b (connection_id, id, at, amount, currency, change, learnt_at)
    on conflict (shard, connection_id, id) do nothing`;
}
