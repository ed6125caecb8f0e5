import type { Queryable } from "../database/connect.ts";
import type { Vault } from "../database/vault/vault.ts";
import type { EndpointEnvironment } from "../domain/events.ts";
import type { Environment } from "../domain/kinds.ts";
import type { DeliveryLease } from "./hand-over.ts";

/** What the fan-out needs of an endpoint. */
export type Subscriber = {
  id: string;
  merchantId: string;
  eventTypes: string[];
  environment: EndpointEnvironment;
  enabled: boolean;
};

/**
 * The endpoints of the merchants. Not cached: an event that commits after an endpoint was created is delivered to it.
 */
export async function subscribersOf(tx: Queryable, shard: number, merchantIds: string[]): Promise<Subscriber[]> {
  return await tx<Subscriber[]>`
    select id, merchant_id as "merchantId", event_types as "eventTypes", environment, enabled
    from endpoints
    where shard = ${shard} and merchant_id = any(${merchantIds}::uuid[]) and deleted_at is null
    order by id`;
}

/** A row of `events` to insert. */
export type NewEventRow = {
  id: string;
  merchantId: string;
  type: string;
  transactionId: string | null;
  sequence: number | null;
  environment: Environment | null;
  body: string;
};

function sealBody({ id, body }: NewEventRow, vault: Vault): string {
  return vault.seal("events", id, body).toString("base64");
}

/** The body of a row of `events`, also of one from before personal data was sealed. */
export function openBody(
  { id, sealed, body }: { id: string; sealed: Uint8Array | null; body: string | null },
  vault: Vault,
): string {
  return sealed === null ? (body ?? "null") : vault.open("events", id, sealed).toString("utf8");
}

/** A row of `deliveries` to insert. `failed` from the start where the endpoint is disabled: `recover` sends it. */
export type NewDeliveryRow = {
  id: string;
  merchantId: string;
  endpointId: string;
  eventId: string;
  orderKey: string;
  sequence: number;
  state: "pending" | "failed";
};

/**
 * Inserts events and their deliveries; the statements are sent together. Pending deliveries are queued, due at once, or
 * under the lease. Returns the ids of those under the lease: one is only where nothing of its transaction is queued for
 * the endpoint before it (a replay holds up replays only).
 *
 * `is not distinct from` keeps an index out of the planner's choice, as in a claim.
 */
export async function insertEvents(
  tx: Queryable,
  shard: number,
  events: NewEventRow[],
  deliveries: NewDeliveryRow[],
  lease: DeliveryLease | null = null,
): Promise<ReadonlySet<string>> {
  const pending = deliveries.filter(d => d.state === "pending");
  const [, , held] = await Promise.all([
    tx`
      insert into events (shard, id, merchant_id, type, transaction_id, sequence, environment, sealed)
      select ${shard}, id, merchant_id, type, transaction_id, sequence, environment, decode(sealed, 'base64')
      from unnest(
        ${events.map(e => e.id)}::uuid[], ${events.map(e => e.merchantId)}::uuid[], ${events.map(e => e.type)}::text[],
        ${events.map(e => e.transactionId)}::uuid[], ${events.map(e => e.sequence)}::int4[],
        ${events.map(e => e.environment)}::text[], ${events.map(e => sealBody(e, tx.vault))}::text[])
        as event (id, merchant_id, type, transaction_id, sequence, environment, sealed)`,
    deliveries.length === 0
      ? null
      : tx`
      insert into deliveries (shard, id, merchant_id, endpoint_id, event_id, state, finished_at)
      select ${shard}, owed.*, ended.at from unnest(
        ${deliveries.map(d => d.id)}::uuid[], ${deliveries.map(d => d.merchantId)}::uuid[],
        ${deliveries.map(d => d.endpointId)}::uuid[], ${deliveries.map(d => d.eventId)}::uuid[],
        ${deliveries.map(d => d.state)}::text[]
      ) as owed (id, merchant_id, endpoint_id, event_id, state)
      left join (select 'failed' as state, now() as at) ended on ended.state = owed.state`,
    pending.length === 0 ? [] : insertQueueRows(tx, shard, pending, lease),
  ]);
  return new Set(held.filter(row => row.isHeld).map(row => row.id));
}

/** A lease runs from the statement on, which is sent when it is taken: `now()` is when the transaction began. */
async function insertQueueRows(
  tx: Queryable,
  shard: number,
  deliveries: NewDeliveryRow[],
  lease: DeliveryLease | null,
): Promise<{ id: string; isHeld: boolean }[]> {
  const wants = deliveries.map(({ id }) => (lease?.leasedIds.has(id) ? 1 : lease?.parkedIds.has(id) ? 2 : 0));
  return await tx<{ id: string; isHeld: boolean }[]>`
    insert into delivery_queue (shard, endpoint_id, order_key, sequence, delivery_id, due_at, lease_id)
    select ${shard}, owed.endpoint_id, owed.order_key, owed.sequence, owed.id,
      case when owed.wants = 2 or (owed.wants = 1 and earlier.found is null)
        then date_trunc('milliseconds', statement_timestamp()) + ${lease?.ms ?? 0} * interval '1 ms'
        else date_trunc('milliseconds', now()) end,
      case when owed.wants = 1 and earlier.found is null then ${lease?.id ?? null}::uuid end
    from unnest(
      ${deliveries.map(d => d.id)}::uuid[], ${deliveries.map(d => d.endpointId)}::uuid[],
      ${deliveries.map(d => d.orderKey)}::uuid[], ${deliveries.map(d => d.sequence)}::int4[], ${wants}::int4[]
    ) as owed (id, endpoint_id, order_key, sequence, wants)
    left join lateral (
      select true as found from delivery_queue b
      where b.shard = ${shard} and b.order_key = owed.order_key and b.sequence < owed.sequence
        and b.endpoint_id is not distinct from owed.endpoint_id and b.lane < 2
      limit 1
    ) earlier on owed.wants = 1
    returning delivery_id as id, lease_id is not null as "isHeld"`;
}
