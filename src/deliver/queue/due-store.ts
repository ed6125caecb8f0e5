import type { Queryable } from "../../database/connect.ts";

/** An endpoint with something due; or with anything pending, where it is not active: disabled or deleted. */
export type DueEndpoint = { endpointId: string; isActive: boolean };

/** The shards in which deliveries may be queued. Deleted endpoints count: theirs are to be failed. */
export async function shardsOfEndpoints(sql: Queryable): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`select distinct shard from endpoints`;
  return rows.map(row => row.shard);
}

/**
 * The endpoints of a shard that need a claim or have pending deliveries to fail, in the order of their ids, from
 * `after` on. `cursor`: where the next call goes on; null at the end. Jumps from endpoint to endpoint along the index
 * and reads the first row of each priority: the backlog of an endpoint costs four probes, however long it is.
 */
export async function dueEndpoints(
  sql: Queryable,
  shard: number,
  after: string | null,
  endpointsMax: number,
): Promise<{ due: DueEndpoint[]; cursor: string | null }> {
  const rows = await sql<{ endpointId: string; isDue: boolean; isActive: boolean }[]>`
    with recursive walk (endpoint_id) as (
      (select q.endpoint_id from delivery_queue q
        where q.shard = ${shard} and q.endpoint_id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000')
        order by q.endpoint_id limit 1)
      union all
      select next.endpoint_id from walk cross join lateral (
        select q.endpoint_id from delivery_queue q
        where q.shard = ${shard} and q.endpoint_id > walk.endpoint_id
        order by q.endpoint_id limit 1) next
    )
    select walk.endpoint_id as "endpointId",
      exists (
        select from (values (0), (1), (2)) as priorities (priority) cross join lateral (
          select from delivery_queue q
          where q.shard = ${shard} and q.endpoint_id = walk.endpoint_id and q.lane = priorities.priority
            and q.due_at <= now()
          order by q.due_at limit 1) first
      ) as "isDue",
      exists (
        select from endpoints e
        where e.shard = ${shard} and e.id = walk.endpoint_id and e.enabled and e.deleted_at is null
      ) as "isActive"
    from (select endpoint_id from walk limit ${endpointsMax}) walk`;
  return {
    due: rows.filter(row => row.isDue || !row.isActive).map(({ endpointId, isActive }) => ({ endpointId, isActive })),
    cursor: rows.length < endpointsMax ? null : rows.at(-1)!.endpointId,
  };
}
