import { unverifiedPrefix } from "../../connections/unverified.ts";
import type { Sql, Tx } from "../../database/connect.ts";
import type { ReadCallback } from "../item.ts";

/** A callback claimed for reading, with everything reading needs. `body` is null where retention has dropped it. */
export type ClaimedCallback = {
  id: string;
  connectionId: string;
  provider: string;
  channel: string;
  strength: "hint" | "signed";
  /** It failed its connection's verification when it came. */
  isUnverified: boolean;
  receivedAt: Date;
  headers: Record<string, string> | null;
  body: Buffer | null;
  /** How often it was read before. */
  readBefore: number;
};

const leaseS = 30;

/**
 * Leases up to `max` callbacks of one shard, oldest first; a stale holder is fenced off by `lease_id`. The lease is the due time:
 * what nobody took off the queue until then is due again. The two CTEs fence the limit: a plain `in (select … limit n)` may be
 * evaluated again and lock more than n rows.
 */
export async function claimCallbacks(
  sql: Sql,
  shard: number,
  leaseId: string,
  max: number,
): Promise<ClaimedCallback[]> {
  return await sql<ClaimedCallback[]>`
    with due as materialized (
      select callback_id from inbox_queue where shard = ${shard} and due_at <= now()
      order by callback_id limit ${max} for update skip locked
    ),
    leased as materialized (
      update inbox_queue q set lease_id = ${leaseId}, due_at = now() + make_interval(secs => ${leaseS}), attempts = attempts + 1
      from due where q.shard = ${shard} and q.callback_id = due.callback_id
      returning q.callback_id
    )
    select c.id, c.connection_id as "connectionId", c.provider, c.channel, c.strength,
      starts_with(c.key, ${unverifiedPrefix}) as "isUnverified", c.received_at as "receivedAt",
      b.headers, b.body, coalesce(r.reading, 0)::int as "readBefore"
    from leased
    join callbacks c on c.shard = ${shard} and c.id = leased.callback_id
    left join callback_bodies b on b.shard = ${shard} and b.id = leased.callback_id
    left join callback_readings r on r.shard = ${shard} and r.callback_id = leased.callback_id
    order by c.id`;
}

/**
 * Gives leased callbacks back: this process is not able to settle them now. Each time they wait longer, up to about a minute, so
 * that what cannot be settled for long does not stand in the way of the rest.
 */
export async function releaseCallbacks(sql: Sql, shard: number, leaseId: string, ids: string[]): Promise<void> {
  await sql`
    update inbox_queue set lease_id = null, due_at = now() + make_interval(secs => 0.25 * power(2, least(attempts, 8) - 1))
    where shard = ${shard} and callback_id = any(${ids}::uuid[]) and lease_id = ${leaseId}`;
}

/** Gives back what was claimed under a lease by a statement whose answer was lost: at once, for nobody has looked at it. */
export async function releaseClaim(sql: Sql, shard: number, leaseId: string): Promise<void> {
  await sql`update inbox_queue set lease_id = null, due_at = now() where shard = ${shard} and lease_id = ${leaseId}`;
}

/**
 * Takes callbacks off the queue, those only that this holder still leases: a holder that slept past its lease takes none, and
 * so changes nothing.
 */
export async function takeOffQueue(tx: Tx, shard: number, callbacks: ReadCallback[]): Promise<Set<string>> {
  if (callbacks.length === 0) return new Set();
  // By `any`, not by a join with the list: a plan made while the queue was empty was seen to read all of it for every batch.
  const rows = await tx<{ callback_id: string }[]>`
    delete from inbox_queue
    where shard = ${shard} and callback_id = any(${callbacks.map(c => c.id)}::uuid[])
      and lease_id = any(${[...new Set(callbacks.map(c => c.leaseId))]}::uuid[])
    returning callback_id`;
  return new Set(rows.map(row => row.callback_id));
}

/** Shards that have something due. Many shards at once, so it locks nothing. */
export async function shardsDue(sql: Sql): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`select distinct shard from inbox_queue where due_at <= now()`;
  return rows.map(row => row.shard);
}

/** Puts a callback on the queue again. False where there is none, or its bytes are gone. */
export async function requeueCallback(sql: Sql, shard: number, id: string): Promise<boolean> {
  const result = await sql`
    insert into inbox_queue (shard, callback_id)
    select shard, id from callback_bodies where shard = ${shard} and id = ${id}
    on conflict (shard, callback_id) do update set due_at = now(), lease_id = null`;
  return result.count > 0;
}
