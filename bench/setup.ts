import { createHash, randomBytes } from "node:crypto";
import { hashOfToken, newCallbackToken } from "../src/connections/token.ts";
import type { Sql } from "../src/database/connect.ts";
import { makeSecretBox } from "../src/database/encryption.ts";
import { sealContext } from "../src/database/seal-contexts.ts";
import { newUuid } from "../src/domain/ids.ts";
import { newWebhookSecret } from "../src/egress/webhook.ts";

export const secretKey = randomBytes(32);
export const serverEnv = {
  HAKIKA_ADMIN_KEY: "bench-admin-key-of-thirty-two-characters",
  HAKIKA_SECRET_KEY: secretKey.toString("base64"),
  PORT: "0",
  LOG_LEVEL: "warn",
  HAKIKA_EGRESS_ALLOW: "127.0.0.0/8",
  HAKIKA_RECONCILE_CRON: "off",
};

export type Shop = { shard: number; merchantId: string; connectionId: string; token: string };

/** Makes a merchant with a Daraja connection that settles on hints, and an endpoint for each URL. */
export async function makeShop(
  sql: Sql,
  endpointUrls: string[] = [],
  settings: object = { settle_on: "hint" },
): Promise<Shop> {
  const box = makeSecretBox([{ id: "1", key: secretKey }]);
  const shard = Math.floor(Math.random() * 64);
  const merchantId = newUuid(shard);
  const connectionId = newUuid(shard);
  const token = newCallbackToken(shard);
  await sql`insert into merchants (shard, id, name) values (${shard}, ${merchantId}, 'Bench')`;
  await sql`insert into connections (shard, id, merchant_id, provider, name, environment, credentials, credential_names, verification,
      verification_secrets, settings, forward_secret)
    values (${shard}, ${connectionId}, ${merchantId}, 'daraja', 'bench', 'sandbox',
      ${box.seal("{}", sealContext.credentials(connectionId))}, '{}', ${sql.json({ address: { mode: "off", ranges: [] } })},
      ${box.seal("{}", sealContext.verificationSecrets(connectionId))}, ${sql.json(settings as never)},
      ${box.seal(newWebhookSecret(), sealContext.forwardSecret(connectionId))})`;
  await sql`insert into connection_tokens (shard, token_hash, connection_id, token)
    values (${shard}, ${hashOfToken(token)}, ${connectionId}, ${box.seal(token, sealContext.callbackToken(connectionId))})`;
  for (const url of endpointUrls) {
    const endpointId = newUuid(shard);
    const secretId = newUuid(shard);
    await sql`insert into endpoints (shard, id, merchant_id, url, event_types, environment, headers, header_names)
      values (${shard}, ${endpointId}, ${merchantId}, ${url}, ${["*"]}, 'any', ${box.seal("{}", sealContext.endpointHeaders(endpointId))}, '{}')`;
    await sql`insert into endpoint_secrets (shard, id, endpoint_id, secret)
      values (${shard}, ${secretId}, ${endpointId}, ${box.seal(newWebhookSecret(), sealContext.endpointSecret(secretId))})`;
  }
  return { shard, merchantId, connectionId, token };
}

/** A receipt of ten characters, different for each push. */
function receiptOf(checkoutId: string): string {
  return createHash("sha256").update(checkoutId).digest("hex").slice(0, 10).toUpperCase();
}

/** The body of a paid STK callback, of realistic size, with an invented phone number. */
export function stkBody(checkoutId: string, n: number): string {
  return JSON.stringify({
    Body: {
      stkCallback: {
        MerchantRequestID: `29115-34620561-${n}`,
        CheckoutRequestID: checkoutId,
        ResultCode: 0,
        ResultDesc: "The service request is processed successfully.",
        CallbackMetadata: {
          Item: [
            { Name: "Amount", Value: 50 },
            { Name: "MpesaReceiptNumber", Value: receiptOf(checkoutId) },
            { Name: "Balance" },
            { Name: "TransactionDate", Value: 20251018233026 },
            { Name: "PhoneNumber", Value: 254700000000 + (n % 1000) },
          ],
        },
      },
    },
  });
}
