import type { Sql } from "../database/connect.ts";
import { everyShard } from "../database/every-shard.ts";

const readyMax = 2000;

/**
 * Makes due entries ready, the latest due first, expired leases included; returns how many. Limited to 2,000: the next
 * pass makes the others ready.
 */
export async function makeReady(sql: Sql, shard: number): Promise<number> {
  const result = await sql`
    with due as materialized (
      select ctid as entry from poll_queue where shard = ${shard} and not ready and not audit and due_at <= now()
      order by due_at desc limit ${readyMax} for update skip locked
    )
    update poll_queue q set ready = true, lease_id = null
    from due where q.shard = ${shard} and q.ctid = due.entry`;
  return result.count;
}

/**
 * Makes the polls of a stopped process urgent, so that another process runs them without waiting for a pass; returns
 * how many. Audits wait for the next pass.
 */
export async function recoverExpiredLeases(sql: Sql): Promise<number> {
  const result = await sql`
    update poll_queue set ready = not audit, urgent = not audit, lease_id = null
    where shard = any(${everyShard(sql)}) and lease_id is not null and due_at <= now()`;
  return result.count;
}

/**
 * Shards with an entry that is due, ready or leased: three indexes, each of which holds little else. The statement
 * spans shards, so it takes no locks.
 */
export async function shardsWithDuePolls(sql: Sql): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`
    select shard from poll_queue
    where shard = any(${everyShard(sql)}) and not ready and not audit and due_at <= now()
    union select shard from poll_queue where ready
    union select shard from poll_queue where lease_id is not null`;
  return rows.map(row => row.shard);
}

/** Shards with a transaction past its end time. */
export async function shardsWithOverdue(sql: Sql): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`
    select distinct shard from poll_queue where shard = any(${everyShard(sql)}) and ends_at <= now()`;
  return rows.map(row => row.shard);
}

/**
 * Connections of a shard with an entry that is ready or leased. One index step per connection, however many entries are
 * ready.
 */
export async function connectionsWithDuePolls(sql: Sql, shard: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with recursive ready (id) as (
      (select connection_id from poll_queue where shard = ${shard} and ready order by connection_id limit 1)
      union all
      select (select q.connection_id from poll_queue q
        where q.shard = ${shard} and q.ready and q.connection_id > ready.id order by q.connection_id limit 1)
      from ready where ready.id is not null
    )
    select id from ready where id is not null
    union
    select connection_id from poll_queue where shard = ${shard} and lease_id is not null`;
  return rows.map(row => row.id);
}

/** Connections with an urgent poll that is due. */
export async function connectionsWithUrgentPolls(sql: Sql): Promise<{ shard: number; connectionId: string }[]> {
  return await sql<{ shard: number; connectionId: string }[]>`
    select distinct shard, connection_id as "connectionId" from poll_queue where urgent and due_at <= now()`;
}
