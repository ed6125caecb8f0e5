import type { Sql } from "../src/database/connect.ts";
import { makeSecretBox } from "../src/database/encryption.ts";
import { sealContext } from "../src/database/seal-contexts.ts";
import { type Event, eventBody } from "../src/domain/events.ts";
import { newUuid, publicId, shardCount, shardOf } from "../src/domain/ids.ts";
import { newWebhookSecret } from "../src/egress/webhook.ts";
import { secretKey } from "./setup.ts";

/** Makes merchants with one endpoint each, spread over all shards. Returns the merchants' ids. */
export async function makeMerchants(sql: Sql, url: string, count: number): Promise<string[]> {
  const box = makeSecretBox([{ id: "1", key: secretKey }]);
  const ids = Array.from({ length: count }, (_, at) => newUuid(at % shardCount));
  const endpointIds = ids.map(id => newUuid(shardOf(id)));
  const secretIds = ids.map(id => newUuid(shardOf(id)));
  const shards = ids.map(shardOf);
  const headers = endpointIds.map(id => box.seal("{}", sealContext.endpointHeaders(id)));
  const secrets = secretIds.map(id => box.seal(newWebhookSecret(), sealContext.endpointSecret(id)));
  await sql`insert into merchants (shard, id, name)
    select shard, id, 'Bench' from unnest(${shards}::int2[], ${ids}::uuid[]) as m (shard, id)`;
  await sql`insert into endpoints (shard, id, merchant_id, url, event_types, environment, headers, header_names)
    select shard, id, merchant_id, ${url}, array['*'], 'any', headers, '{}'
    from unnest(${shards}::int2[], ${endpointIds}::uuid[], ${ids}::uuid[], ${headers}::text[]) as e (shard, id, merchant_id, headers)`;
  await sql`insert into endpoint_secrets (shard, id, endpoint_id, secret)
    select * from unnest(${shards}::int2[], ${secretIds}::uuid[], ${endpointIds}::uuid[], ${secrets}::text[])`;
  return ids;
}

/** An event of realistic size. It is not stored. */
export function makeEvent(merchantId: string): Event {
  const shard = shardOf(merchantId);
  const id = newUuid(shard);
  const type = "payment.completed";
  const at = performance.timeOrigin + performance.now();
  const transaction = {
    id: publicId("transaction", newUuid(shard)),
    status: "completed",
    at,
    details: "x".repeat(600),
  };
  const body = eventBody(id, type, new Date(), {
    transaction,
    previous_status: "pending",
    sequence: 1,
    correction: false,
  });
  return { shard, id, merchantId, type, transactionId: null, sequence: null, environment: null, body };
}
