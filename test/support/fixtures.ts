import { createHash } from "node:crypto";

import type { Connection } from "../../src/connections/connection.ts";
import type { ConnectionSettings } from "../../src/connections/settings.ts";
import { newCallbackToken } from "../../src/connections/token.ts";
import { splitSecrets, type Verification } from "../../src/connections/verification.ts";
import type { Sql } from "../../src/database/connect.ts";
import { hashToken, makeSecretBox } from "../../src/database/encryption.ts";
import { sealContext } from "../../src/database/seal-contexts.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { newWebhookSecret } from "../../src/egress/webhook.ts";

/** Seals what fixtures store, and opens it again. */
export const testBox = makeSecretBox([{ id: "1", key: createHash("sha256").update("a key for tests").digest() }]);

export type TestMerchant = { shard: number; id: string };
export type TestConnection = Connection & { token: string };

export async function merchant(sql: Sql, { shard = 7, name = "Duka" } = {}): Promise<TestMerchant> {
  const id = newUuid(shard);
  await sql`insert into merchants (shard, id, name) values (${shard}, ${id}, ${name})`;
  return { shard, id };
}

/**
 * A connection in the form it is used in, with a live callback token; `baseUrl` leads calls to a simulated provider.
 */
export async function connection(
  sql: Sql,
  { shard, id: merchantId }: TestMerchant,
  more: {
    provider?: string;
    environment?: Connection["environment"];
    baseUrl?: string;
    credentials?: Record<string, string>;
    verification?: Partial<Verification>;
    settings?: ConnectionSettings;
  } = {},
): Promise<TestConnection> {
  const id = newUuid(shard);
  const token = newCallbackToken(shard);
  const made: TestConnection = {
    shard,
    id,
    merchantId,
    provider: more.provider ?? "daraja",
    environment: more.environment ?? "production",
    baseUrl: more.baseUrl ?? null,
    credentials: more.credentials ?? {},
    verification: { address: { mode: "off", ranges: [] }, ...more.verification },
    settings: more.settings ?? {},
    forwardSecret: newWebhookSecret(),
    token,
  };
  const { shown, secrets } = splitSecrets(made.verification);
  await sql`
    insert into connections (shard, id, merchant_id, provider, name, environment, base_url, credentials, credential_names,
      verification, verification_secrets, settings, forward_secret)
    values (${shard}, ${id}, ${merchantId}, ${made.provider}, 'test', ${made.environment}, ${made.baseUrl},
      ${testBox.seal(JSON.stringify(made.credentials), sealContext.credentials(id))}, ${Object.keys(made.credentials)},
      ${JSON.stringify(shown)}::text::jsonb,
      ${testBox.seal(JSON.stringify(secrets), sealContext.verificationSecrets(id))},
      ${JSON.stringify(made.settings)}::text::jsonb, ${testBox.seal(made.forwardSecret, sealContext.forwardSecret(id))})`;
  await sql`
    insert into connection_tokens (shard, token_hash, connection_id, token)
    values (${shard}, ${hashToken(token)}, ${id}, ${testBox.seal(token, sealContext.callbackToken(id))})`;
  return made;
}

export type TestEndpoint = { shard: number; id: string; url: string; secret: string };

/** An endpoint that takes every event, unless told otherwise. */
export async function endpoint(
  sql: Sql,
  { shard, id: merchantId }: TestMerchant,
  more: { url?: string; eventTypes?: string[]; headers?: Record<string, string>; retryScheduleS?: number[] } = {},
): Promise<TestEndpoint> {
  const { url = "https://merchant.example/hooks", eventTypes = ["*"], headers = {}, retryScheduleS = null } = more;
  const [id, secretId] = [newUuid(shard), newUuid(shard)];
  const secret = newWebhookSecret();
  await sql`
    insert into endpoints (shard, id, merchant_id, url, event_types, environment, retry_schedule_s, headers, header_names)
    values (${shard}, ${id}, ${merchantId}, ${url}, ${eventTypes}, 'any', ${retryScheduleS && sql.array(retryScheduleS, 23)},
      ${testBox.seal(JSON.stringify(headers), sealContext.endpointHeaders(id))}, ${Object.keys(headers)})`;
  await sql`
    insert into endpoint_secrets (shard, id, endpoint_id, secret)
    values (${shard}, ${secretId}, ${id}, ${testBox.seal(secret, sealContext.endpointSecret(secretId))})`;
  return { shard, id, url, secret };
}
