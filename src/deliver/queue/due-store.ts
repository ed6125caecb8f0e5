import type { Queryable } from "../../database/connect.ts";

/** An endpoint with something due; or, where `isLive` is false, one that is disabled or deleted with anything waiting at all. */
export type DueEndpoint = { endpointId: string; isLive: boolean };

/**
 * The endpoints of a shard, in the order of their ids from `after` on, that something is to be done about; `walkedTo` is where to go on, null at
 * the end. Jumps from endpoint to endpoint along the index and looks at the first row of each lane: what waits for one endpoint,
 * be it a million, costs four probes.
 */
export async function dueEndpoints(
  sql: Queryable,
  shard: number,
  after: string | null,
  endpointsMax: number,
): Promise<{ due: DueEndpoint[]; walkedTo: string | null }> {
  const rows = await sql<{ endpointId: string; isDue: boolean; isLive: boolean }[]>`
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
        select from (values (0), (1), (2)) as lanes (lane) cross join lateral (
          select from delivery_queue q
          where q.shard = ${shard} and q.endpoint_id = walk.endpoint_id and q.lane = lanes.lane and q.due_at <= now()
          order by q.due_at limit 1) first
      ) as "isDue",
      exists (
        select from endpoints e
        where e.shard = ${shard} and e.id = walk.endpoint_id and e.enabled and e.deleted_at is null
      ) as "isLive"
    from (select endpoint_id from walk limit ${endpointsMax}) walk`;
  return {
    due: rows.filter(row => row.isDue || !row.isLive).map(({ endpointId, isLive }) => ({ endpointId, isLive })),
    walkedTo: rows.length < endpointsMax ? null : rows.at(-1)!.endpointId,
  };
}
