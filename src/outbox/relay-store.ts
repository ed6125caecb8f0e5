import type { Queryable } from "../database/connect.ts";

/** A callback that is to go on. */
export type NewRelay = { id: string; callbackId: string; merchantId: string; connectionId: string; channel: string };

/** Writes relays in the caller's database transaction. A callback that is read again goes on once. */
export async function insertRelays(tx: Queryable, shard: number, rows: readonly NewRelay[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into relays (shard, id, callback_id, merchant_id, connection_id, channel, state, due_at)
    select ${shard}, r.*, 'pending', now() from unnest(${rows.map(r => r.id)}::uuid[],
      ${rows.map(r => r.callbackId)}::uuid[], ${rows.map(r => r.merchantId)}::uuid[],
      ${rows.map(r => r.connectionId)}::uuid[], ${rows.map(r => r.channel)}::text[]) as r
    on conflict (shard, callback_id) do nothing`;
}
