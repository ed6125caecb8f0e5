import type { Queryable } from "../database/connect.ts";
import type { Vault } from "../database/vault/vault.ts";
import type { EndpointEnvironment } from "../domain/events.ts";
import type { Environment } from "../domain/kinds.ts";

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

/** Inserts events and their deliveries in one statement. Pending deliveries are queued, due at once. */
export async function insertEvents(
  tx: Queryable,
  shard: number,
  events: NewEventRow[],
  deliveries: NewDeliveryRow[],
): Promise<void> {
  await tx`
    with inserted as (
      insert into events (shard, id, merchant_id, type, transaction_id, sequence, environment, sealed)
      select ${shard}, id, merchant_id, type, transaction_id, sequence, environment, decode(sealed, 'base64')
      from unnest(
        ${events.map(e => e.id)}::uuid[], ${events.map(e => e.merchantId)}::uuid[], ${events.map(e => e.type)}::text[],
        ${events.map(e => e.transactionId)}::uuid[], ${events.map(e => e.sequence)}::int4[],
        ${events.map(e => e.environment)}::text[], ${events.map(e => sealBody(e, tx.vault))}::text[])
        as event (id, merchant_id, type, transaction_id, sequence, environment, sealed)
    ), owed as (
      select * from unnest(
        ${deliveries.map(d => d.id)}::uuid[], ${deliveries.map(d => d.merchantId)}::uuid[],
        ${deliveries.map(d => d.endpointId)}::uuid[], ${deliveries.map(d => d.eventId)}::uuid[],
        ${deliveries.map(d => d.orderKey)}::uuid[], ${deliveries.map(d => d.sequence)}::int4[],
        ${deliveries.map(d => d.state)}::text[]
      ) as owed (id, merchant_id, endpoint_id, event_id, order_key, sequence, state)
    ), kept as (
      insert into deliveries (shard, id, merchant_id, endpoint_id, event_id, state, finished_at)
      select ${shard}, id, merchant_id, endpoint_id, event_id, state, case state when 'failed' then now() end from owed
    )
    insert into delivery_queue (shard, endpoint_id, order_key, sequence, delivery_id)
    select ${shard}, endpoint_id, order_key, sequence, id from owed where state = 'pending'`;
}
