import type { Sql, Tx } from "../../database/connect.ts";
import { lowestUuid } from "../../domain/ids.ts";
import { queueDeliveries } from "./queue-deliveries-store.ts";

/** Deliveries requeued by one statement. */
const batchMax = 2000;
/** Ids contain the program's clock, `created_at` the database's. The range of ids is wider by this, in ms. */
const clockSlackMs = 3_600_000;

/**
 * Queues an endpoint's failed deliveries from `since` on again: oldest first, after new ones, each from the beginning
 * of its schedule. Events of an environment that the endpoint takes no more stay as they are. Returns how many; 0 for
 * an endpoint that is disabled or deleted. A call after a crash does the rest.
 */
export async function recover(sql: Sql, shard: number, endpointId: string, since: Date): Promise<number> {
  let requeued = 0;
  let after = lowestUuid(since.getTime() - clockSlackMs);
  // Several short statements: one for 50,000 rows would hold their locks for seconds.
  for (;;) {
    const ids = (await sql.begin(tx => requeue(tx, shard, endpointId, since, after))) as string[];
    requeued += ids.length;
    if (ids.length < batchMax) return requeued;
    after = ids.sort().at(-1)!;
  }
}

async function requeue(tx: Tx, shard: number, endpointId: string, since: Date, after: string): Promise<string[]> {
  const pending = await tx<{ id: string }[]>`
    with failed as materialized (
      select d.id from deliveries d
      where d.shard = ${shard} and d.endpoint_id = ${endpointId} and d.id > ${after} and d.state = 'failed'
        and d.created_at >= ${since}
        and exists (
          select 1 from endpoints e join events ev on ev.shard = ${shard} and ev.id = d.event_id
          where e.shard = ${shard} and e.id = ${endpointId} and e.enabled and e.deleted_at is null
            and (e.environment = 'any' or coalesce(ev.environment, e.environment) = e.environment))
      order by d.id
      limit ${batchMax}
      for update
    )
    update deliveries d set state = 'pending', finished_at = null from failed f
    where d.shard = ${shard} and d.id = f.id
    returning d.id`;
  const ids = pending.map(({ id }) => id);
  if (ids.length > 0) await queueDeliveries(tx, shard, ids, 1);
  return ids;
}
