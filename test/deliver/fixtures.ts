import type { Sql } from "../../src/database/connect.ts";
import { makeSecretBox } from "../../src/database/encryption.ts";
import { sealContext } from "../../src/database/seal-contexts.ts";
import { type EndpointEnvironment, type Event, eventBody } from "../../src/domain/events.ts";
import { newUuid, shardOf } from "../../src/domain/ids.ts";
import { newWebhookSecret } from "../../src/egress/webhook.ts";

/** Key of the audit's chain. */
export const auditKey = Buffer.alloc(32, 9);

export const box = makeSecretBox([{ id: "1", key: Buffer.alloc(32, 7) }]);

/** Makes a merchant. Returns its id. */
export async function makeMerchant(sql: Sql, shard: number): Promise<string> {
  const id = newUuid(shard);
  await sql`insert into merchants (shard, id, name) values (${shard}, ${id}, 'Duka')`;
  return id;
}

export type EndpointOptions = {
  url?: string;
  eventTypes?: string[];
  environment?: EndpointEnvironment;
  retryScheduleS?: number[] | null;
  rateLimitPerS?: number | null;
  headers?: Record<string, string>;
  enabled?: boolean;
};

export type TestEndpoint = { id: string; shard: number; merchantId: string; secret: string };

/** Makes an endpoint with one secret, like the management API. */
export async function makeEndpoint(sql: Sql, merchantId: string, options: EndpointOptions = {}): Promise<TestEndpoint> {
  const shard = shardOf(merchantId);
  const id = newUuid(shard);
  const { url = "https://shop.example/hooks", eventTypes = ["*"], headers = {}, enabled = true } = options;
  await sql`
    insert into endpoints (shard, id, merchant_id, url, event_types, environment, retry_schedule_s, rate_limit_per_s, headers,
      header_names, enabled)
    values (${shard}, ${id}, ${merchantId}, ${url}, ${eventTypes}, ${options.environment ?? "any"}, ${options.retryScheduleS ?? null},
      ${options.rateLimitPerS ?? null}, ${box.seal(JSON.stringify(headers), sealContext.endpointHeaders(id))},
      ${Object.keys(headers)}, ${enabled})`;
  const secret = await addSecret(sql, id, null);
  return { id, shard, merchantId, secret };
}

/** Adds a signing secret to an endpoint. Returns it. */
export async function addSecret(sql: Sql, endpointId: string, expiresAt: Date | null): Promise<string> {
  const shard = shardOf(endpointId);
  const id = newUuid(shard);
  const secret = newWebhookSecret();
  await sql`
    insert into endpoint_secrets (shard, id, endpoint_id, secret, expires_at)
    values (${shard}, ${id}, ${endpointId}, ${box.seal(secret, sealContext.endpointSecret(id))}, ${expiresAt})`;
  return secret;
}

/** An event of a merchant, and of a transaction where `options` name one. It is not stored. */
export function makeEvent(merchantId: string, options: Partial<Event> = {}): Event {
  const shard = shardOf(merchantId);
  const id = options.id ?? newUuid(shard);
  const type = options.type ?? "payment.completed";
  const { transactionId = null, sequence = transactionId === null ? null : 1 } = options;
  const body = eventBody(id, type, new Date(), { sequence });
  return { shard, id, merchantId, type, transactionId, sequence, environment: null, body, ...options };
}
