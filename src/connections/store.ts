import type { Sql } from "../database/connect.ts";
import type { SecretBox } from "../database/encryption.ts";
import { sealContext } from "../database/seal-contexts.ts";
import type { Connection } from "./connection.ts";
import { type ConnectionSettings, usableSettings } from "./settings.ts";
import { joinSecrets, type ShownVerification, type VerificationSecrets } from "./verification.ts";

type Row = {
  shard: number;
  id: string;
  merchant_id: string;
  provider: string;
  environment: Connection["environment"];
  base_url: string | null;
  credentials: string;
  verification: Partial<ShownVerification>;
  verification_secrets: string;
  settings: ConnectionSettings;
  forward_secret: string;
};

/** The connection of a token; null where the token is unknown or expired, or the connection was deleted. */
export async function findByToken(
  sql: Sql,
  box: SecretBox,
  shard: number,
  tokenHash: Buffer,
): Promise<{ connection: Connection; expiresAt: Date | null } | null> {
  const [row] = await sql<(Row & { expires_at: Date | null })[]>`
    select c.shard, c.id, c.merchant_id, c.provider, c.environment, c.base_url, c.credentials, c.verification,
      c.verification_secrets, c.settings, c.forward_secret, t.expires_at
    from connection_tokens t join connections c on c.shard = ${shard} and c.id = t.connection_id
    where t.shard = ${shard} and t.token_hash = ${tokenHash} and (t.expires_at is null or t.expires_at > now())
      and c.deleted_at is null`;
  return row ? { connection: open(row, box), expiresAt: row.expires_at } : null;
}

/** A connection by its id, a deleted one too: its earlier callbacks are still read. */
export async function findById(sql: Sql, box: SecretBox, shard: number, id: string): Promise<Connection | null> {
  const [row] = await sql<Row[]>`
    select shard, id, merchant_id, provider, environment, base_url, credentials, verification, verification_secrets,
      settings, forward_secret
    from connections where shard = ${shard} and id = ${id}`;
  return row ? open(row, box) : null;
}

function open(row: Row, box: SecretBox): Connection {
  const secrets: VerificationSecrets = JSON.parse(
    box.open(row.verification_secrets, sealContext.verificationSecrets(row.id)),
  );
  const credentials: Record<string, string> = JSON.parse(box.open(row.credentials, sealContext.credentials(row.id)));
  return {
    shard: row.shard,
    id: row.id,
    merchantId: row.merchant_id,
    provider: row.provider,
    environment: row.environment,
    baseUrl: row.base_url,
    credentials,
    verification: joinSecrets(row.verification, secrets),
    settings: usableSettings(row.settings),
    forwardSecret: box.open(row.forward_secret, sealContext.forwardSecret(row.id)),
  };
}
