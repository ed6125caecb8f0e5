import { unverifiedPrefix } from "../../connections/unverified.ts";
import type { Queryable, Sql, Tx } from "../../database/connect.ts";
import { type KeptRequest, openRequest, type StoredRequest } from "../../database/vault/callback-body.ts";
import type { CallbackMethod, ParsedBody } from "../../providers/provider.ts";
import type { ReadCallback } from "../item.ts";

/** A claimed callback, with everything that reading needs. `body` is null where retention dropped it. */
export type ClaimedCallback = {
  id: string;
  connectionId: string;
  provider: string;
  channel: string;
  /** The channel to read it as, where an operator named another one than its own. */
  readAs?: string | null;
  /** Its dedupe key within connection and channel. */
  key: string;
  strength: "hint" | "signed";
  /** Whether it failed its connection's verification when it arrived. */
  isUnverified: boolean;
  receivedAt: Date;
  method: CallbackMethod | null;
  /** The query of the URL as it came. */
  query: string | null;
  headers: Record<string, string> | null;
  body: Buffer | null;
  /** Number of earlier readings. */
  readBefore: number;
  /** Its body, where this process has parsed it. */
  parsed?: ParsedBody;
};

const dropped = { method: null, query: null, headers: null, body: null };

/** A claim's lease, in seconds. Then another process may claim the callbacks. */
export const leaseS = 30;

/**
 * Leases up to `max` callbacks of one shard, oldest first. A process whose lease expired is fenced off by `lease_id`.
 * The lease is the due time: a callback that is still queued then is due again. The two CTEs fence the limit: a plain
 * `in (select … limit n)` may be evaluated again and lock more than n rows.
 */
export async function claimCallbacks(
  sql: Sql,
  shard: number,
  leaseId: string,
  max: number,
): Promise<ClaimedCallback[]> {
  const rows = await sql<(Omit<ClaimedCallback, keyof KeptRequest> & StoredRequest)[]>`
    with due as materialized (
      select callback_id from inbox_queue where shard = ${shard} and due_at <= now()
      order by callback_id limit ${max} for update skip locked
    ),
    leased as materialized (
      update inbox_queue q
      set lease_id = ${leaseId}, due_at = now() + make_interval(secs => ${leaseS}), attempts = attempts + 1
      from due where q.shard = ${shard} and q.callback_id = due.callback_id
      returning q.callback_id, q.read_as
    )
    select c.id, c.connection_id as "connectionId", c.provider, c.channel, c.key, c.strength,
      leased.read_as as "readAs",
      starts_with(c.key, ${unverifiedPrefix}) as "isUnverified", c.received_at as "receivedAt",
      b.method, b.query, b.headers, b.body, b.sealed, coalesce(r.reading, 0)::int as "readBefore"
    from leased
    join callbacks c on c.shard = ${shard} and c.id = leased.callback_id
    left join callback_bodies b on b.shard = ${shard} and b.id = leased.callback_id
    left join callback_readings r on r.shard = ${shard} and r.callback_id = leased.callback_id
    order by c.id`;
  return rows.map(row => {
    const { method, query, headers, body, sealed: _, ...rest } = row;
    const request = openRequest({ id: row.id, method, query, headers, body, sealed: row.sealed }, sql.vault);
    return { ...rest, ...(request ?? dropped) } as ClaimedCallback;
  });
}

/**
 * Gives leased callbacks back that this process cannot settle now. The wait doubles with each attempt, from 0.25 s to
 * 32 s, so that callbacks that cannot be settled for long do not delay the others.
 */
export async function releaseCallbacks(sql: Sql, shard: number, leaseIds: string[], ids: string[]): Promise<void> {
  await sql`
    with held as materialized (
      select callback_id, now() + make_interval(secs => 0.25 * power(2, least(attempts, 8) - 1)) as due_at
      from inbox_queue
      where shard = ${shard} and callback_id = any(${ids}::uuid[]) and lease_id = any(${leaseIds}::uuid[])
      for update
    )
    update inbox_queue q set lease_id = null, due_at = held.due_at
    from held where q.shard = ${shard} and q.callback_id = held.callback_id`;
}

/** Gives leased callbacks back that this process has not begun to settle. They are due at once. */
export async function releaseUnread(sql: Sql, shard: number, leaseIds: string[], ids: string[]): Promise<void> {
  await sql`
    update inbox_queue set lease_id = null, due_at = now(), attempts = 0
    where shard = ${shard} and callback_id = any(${ids}::uuid[]) and lease_id = any(${leaseIds}::uuid[])`;
}

/**
 * Gives back all callbacks of a claim whose answer was lost. They are due at once: none of them has been read.
 */
export async function releaseClaim(sql: Sql, shard: number, leaseId: string): Promise<void> {
  await sql`update inbox_queue set lease_id = null, due_at = now() where shard = ${shard} and lease_id = ${leaseId}`;
}

/**
 * Deletes callbacks from the queue where this process still has the lease, and returns their ids. A process that slept
 * past its lease deletes none, and so changes nothing.
 */
export async function takeOffQueue(tx: Tx, shard: number, callbacks: ReadCallback[]): Promise<Set<string>> {
  if (callbacks.length === 0) return new Set();
  // By `any`, not by a join with the list: a plan made while the queue was empty was seen to read the whole queue for
  // every batch.
  const rows = await tx<{ callback_id: string }[]>`
    delete from inbox_queue
    where shard = ${shard} and callback_id = any(${callbacks.map(c => c.id)}::uuid[])
      and lease_id = any(${[...new Set(callbacks.map(c => c.leaseId))]}::uuid[])
    returning callback_id`;
  return new Set(rows.map(row => row.callback_id));
}

/** Shards with due callbacks. Many shards in one statement, so it locks nothing. */
export async function shardsDue(sql: Sql): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`select distinct shard from inbox_queue where due_at <= now()`;
  return rows.map(row => row.shard);
}

/**
 * Queues a callback again, to be read as its own channel or as `readAs`. False where it does not exist or retention
 * dropped its bytes.
 */
export async function requeueCallback(
  sql: Queryable,
  shard: number,
  id: string,
  readAs: string | null = null,
): Promise<boolean> {
  const rows = await sql`
    insert into inbox_queue (shard, callback_id, read_as, due_at)
    select shard, id, ${readAs}, now() from callback_bodies
    where shard = ${shard} and id = ${id} and (sealed is not null or body is not null)
    on conflict (shard, callback_id) do update
      set due_at = excluded.due_at, lease_id = null, read_as = excluded.read_as
    returning callback_id`;
  return rows.length > 0;
}
