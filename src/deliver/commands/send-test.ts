import type { Sql } from "../../database/connect.ts";
import { eventBody } from "../../domain/events.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { deliveryOf } from "../../outbox/fan-out.ts";
import { insertEvents } from "../../outbox/fan-out-store.ts";

export type EndpointRef = { shard: number; merchantId: string; endpointId: string };

/** Queues an `endpoint.test` event for one endpoint, whatever its filters are. The endpoint must be enabled. */
export async function sendTest(
  sql: Sql,
  endpoint: EndpointRef,
  now: Date,
): Promise<{ eventId: string; deliveryId: string }> {
  const { shard, merchantId, endpointId } = endpoint;
  const id = newUuid(shard);
  const type = "endpoint.test";
  const body = eventBody(id, type, now, { endpoint_id: publicId("endpoint", endpointId) });
  const event = { shard, id, merchantId, type, transactionId: null, sequence: null, environment: null, body };
  const delivery = deliveryOf(shard, event, { id: endpointId, merchantId, enabled: true });
  await insertEvents(sql, shard, [event], [delivery]);
  return { eventId: id, deliveryId: delivery.id };
}
