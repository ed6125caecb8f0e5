import type { Queryable } from "../../database/connect.ts";
import { lowestUuid } from "../../domain/ids.ts";

/** Deliveries requeued by one statement. */
const batchMax = 2000;
/** Ids contain the program's clock, `created_at` the database's. The range of ids is wider by this, in ms. */
const clockSlackMs = 3_600_000;

/**
 * Queues an endpoint's failed deliveries from `since` on again: oldest first, after new ones, each from the beginning
 * of its schedule. Events of an environment that the endpoint takes no more stay as they are. Returns how many; 0 for
 * an endpoint that is disabled or deleted. A call after a crash does the rest.
 */
export async function recover(sql: Queryable, shard: number, endpointId: string, since: Date): Promise<number> {
  let requeued = 0;
  let after = lowestUuid(since.getTime() - clockSlackMs);
  // Several short statements: one for 50,000 rows would hold their locks for seconds.
  for (;;) {
    const { last, count } = await requeue(sql, shard, endpointId, since, after);
    requeued += count;
    if (count < batchMax || last === null) return requeued;
    after = last;
  }
}

async function requeue(
  sql: Queryable,
  shard: number,
  endpointId: string,
  since: Date,
  after: string,
): Promise<{ last: string | null; count: number }> {
  const [row] = await sql<{ last: string | null; count: number }[]>`
    with failed as materialized (
      select d.id, d.event_id from deliveries d
      where d.shard = ${shard} and d.endpoint_id = ${endpointId} and d.id > ${after} and d.state = 'failed'
        and d.created_at >= ${since}
        and exists (
          select from endpoints e join events ev on ev.shard = ${shard} and ev.id = d.event_id
          where e.shard = ${shard} and e.id = ${endpointId} and e.enabled and e.deleted_at is null
            and (e.environment = 'any' or coalesce(ev.environment, e.environment) = e.environment))
      order by d.id
      limit ${batchMax}
      for update
    ), pending as (
      update deliveries d set state = 'pending', finished_at = null from failed f
      where d.shard = ${shard} and d.id = f.id
    ), queued as (
      insert into delivery_queue (shard, endpoint_id, order_key, sequence, delivery_id, due_at, lane)
      select ${shard}, ${endpointId}, coalesce(e.transaction_id, e.id), coalesce(e.sequence, 1), f.id,
        date_trunc('milliseconds', now()), 1
      from failed f join events e on e.shard = ${shard} and e.id = f.event_id
    )
    select (select id from failed order by id desc limit 1) as last, (select count(*) from failed)::int as count`;
  return row!;
}
