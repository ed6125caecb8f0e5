import type { Queryable, Sql, Tx } from "../../database/connect.ts";
import { type EndpointEnvironment, type Event, takesEvent } from "../../domain/events.ts";
import { lowestUuid, newUuid } from "../../domain/ids.ts";
import { queueDeliveries } from "./queue-deliveries-store.ts";
import type { EndpointRef } from "./send-test.ts";

export type ReplayRequest = EndpointRef & {
  /** Types and families, as in an endpoint's own filter. */
  eventTypes: readonly string[];
  /** The endpoint's: events of other environments are left out. */
  environment: EndpointEnvironment;
  createdAfter: Date;
  /** Null: until now. */
  createdBefore: Date | null;
};

/** Events read by one statement. */
const batchMax = 2000;
/** Ids contain the program's clock, `created_at` the database's. The range of ids is wider by this, in ms. */
const clockSlackMs = 3_600_000;

/**
 * Queues a merchant's events of a period for one of its endpoints again: in order, after all other deliveries, each as
 * a new delivery. Events with a pending delivery to that endpoint are left out, and so are test events and events of an
 * environment that the endpoint does not take. Returns how
 * many; 0 for an endpoint that is disabled or deleted.
 */
export async function replay(sql: Sql, request: ReplayRequest, now: Date): Promise<number> {
  const { shard } = request;
  let after = lowestUuid(request.createdAfter.getTime() - clockSlackMs);
  const before = request.createdBefore ?? now;
  let queued = 0;
  // Several short statements: a period may have a year's events.
  for (;;) {
    const events = await eventsOf(sql, request, after, before);
    const chosen = events.filter(event => event.type !== "endpoint.test" && takesEvent(request, event));
    if (chosen.length > 0) {
      const ids = chosen.map(event => event.id);
      const deliveryIds = ids.map(() => newUuid(shard));
      queued += (await sql.begin(tx => queueAgain(tx, request, ids, deliveryIds))) as number;
    }
    if (events.length < batchMax) return queued;
    after = events.at(-1)!.id;
  }
}

async function eventsOf(
  sql: Queryable,
  request: ReplayRequest,
  after: string,
  before: Date,
): Promise<Pick<Event, "id" | "type" | "environment">[]> {
  const until = lowestUuid(before.getTime() + clockSlackMs);
  return await sql<Pick<Event, "id" | "type" | "environment">[]>`
    select id, type, environment from events
    where shard = ${request.shard} and merchant_id = ${request.merchantId} and id > ${after} and id < ${until}
      and created_at >= ${request.createdAfter} and created_at < ${before}
    order by id
    limit ${batchMax}`;
}

async function queueAgain(
  tx: Tx,
  { shard, merchantId, endpointId }: EndpointRef,
  eventIds: string[],
  deliveryIds: string[],
): Promise<number> {
  const listed = await tx<{ id: string }[]>`
    insert into deliveries (shard, id, merchant_id, endpoint_id, event_id, state)
    select e.shard, request.delivery_id, ${merchantId}::uuid, ${endpointId}::uuid, e.id, 'pending'
    from unnest(${eventIds}::uuid[], ${deliveryIds}::uuid[]) as request (event_id, delivery_id)
    join events e on e.shard = ${shard} and e.id = request.event_id
    where not exists (
      select 1 from deliveries d
      where d.shard = ${shard} and d.event_id = e.id and d.state = 'pending'
        and d.endpoint_id is not distinct from ${endpointId}
    ) and exists (
      select 1 from endpoints p where p.shard = ${shard} and p.id = ${endpointId}
        and p.enabled and p.deleted_at is null)
    returning id`;
  const ids = listed.map(({ id }) => id);
  if (ids.length > 0) await queueDeliveries(tx, shard, ids, 2);
  return ids.length;
}
