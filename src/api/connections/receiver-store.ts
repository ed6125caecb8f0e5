import { sql } from "drizzle-orm";
import type { DrizzleQueryable } from "../deps.ts";

/**
 * Queues the callbacks in quarantine for these receivers (`any`: for any) to be read again, each as the channel that it
 * was read as. In the database transaction that names the receivers: the connection's lock orders it with the check
 * that the settle worker makes after a batch. Resolves to their number. Bytes that retention dropped stay as they are.
 */
export async function requeueReceivers(
  tx: DrizzleQueryable,
  { shard, id: connectionId }: { shard: number; id: string },
  receivers: string[] | "any",
): Promise<number> {
  if (receivers.length === 0) return 0;
  const named = receivers === "any" ? sql`is not null` : sql`in ${receivers}`;
  const queued = await tx.execute<{ callback_id: string }>(sql`
    insert into inbox_queue (shard, callback_id, read_as)
    select r.shard, r.callback_id, r.read_as
    from callback_readings r join callbacks c on c.shard = ${shard} and c.id = r.callback_id
    where r.shard = ${shard} and r.wrong_receiver ${named} and c.connection_id = ${connectionId}
      and exists (select 1 from callback_bodies b where b.shard = ${shard} and b.id = r.callback_id
        and (b.sealed is not null or b.body is not null))
    on conflict do nothing
    returning callback_id`);
  return queued.length;
}
