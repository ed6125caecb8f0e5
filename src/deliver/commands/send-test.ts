import type { Sql } from "../../database/connect.ts";
import { type EndpointEnvironment, eventBody, ownEnvironment } from "../../domain/events.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { deliveryOf } from "../../outbox/fan-out.ts";
import { insertEvents } from "../../outbox/fan-out-store.ts";

export type EndpointRef = { shard: number; merchantId: string; endpointId: string };

/**
 * Queues an `endpoint.test` event for one endpoint, whatever its filters are. The endpoint must be enabled; the event
 * names its environment.
 */
export async function sendTest(
  sql: Sql,
  endpoint: EndpointRef & { environment: EndpointEnvironment },
  now: Date,
): Promise<{ eventId: string; deliveryId: string }> {
  const { shard, merchantId, endpointId } = endpoint;
  const environment = ownEnvironment(endpoint.environment);
  const id = newUuid(shard);
  const type = "endpoint.test";
  const body = eventBody(id, type, now, { environment, endpoint_id: publicId("endpoint", endpointId) });
  const event = { shard, id, merchantId, type, transactionId: null, sequence: null, environment: null, body };
  const delivery = deliveryOf(shard, event, { id: endpointId, merchantId, enabled: true });
  await insertEvents(sql, shard, [event], [delivery]);
  return { eventId: id, deliveryId: delivery.id };
}
