import type { Sql } from "../../src/database/connect.ts";
import { makeSecretBox } from "../../src/database/encryption.ts";
import { openInstallationKey } from "../../src/database/installation-key.ts";
import { parseSecretKeys } from "../../src/database/secret-keys.ts";
import { type KeptRequest, openRequest, type StoredRequest } from "../../src/database/vault/callback-body.ts";
import { vaultKeyName } from "../../src/database/vault/vault.ts";
import { openBody } from "../../src/outbox/fan-out-store.ts";

/** Lets a test's client open what a whole program sealed under this `HAKIKA_SECRET_KEY`. */
export async function unlockFor(sql: Sql, secretKey: string): Promise<void> {
  const [row] = await sql<{ sealed: string }[]>`select sealed from installation_keys where name = ${vaultKeyName}`;
  const box = makeSecretBox(parseSecretKeys(secretKey)!);
  sql.vault.unlock(openInstallationKey(box, vaultKeyName, row!.sealed));
}

/** A stored event. */
// biome-ignore lint/suspicious/noExplicitAny: tests read what they expect there.
type EventBody = { type: string; data: Record<string, any> };

/** The bodies of a merchant's events, in the order they were made. */
export async function eventBodiesOf(sql: Sql, merchantId: string): Promise<EventBody[]> {
  const rows = await sql<{ id: string; sealed: Buffer | null; body: string | null }[]>`
    select id, sealed, body from events where merchant_id = ${merchantId} order by id`;
  return rows.map(row => JSON.parse(openBody(row, sql.vault)));
}

/** The requests of a connection's callbacks, oldest first. */
export async function requestsOf(sql: Sql, connectionId: string): Promise<(KeptRequest | null)[]> {
  const rows = await sql<StoredRequest[]>`
    select b.* from callbacks c join callback_bodies b on b.shard = c.shard and b.id = c.id
    where c.connection_id = ${connectionId} order by c.id`;
  return rows.map(row => openRequest(row, sql.vault));
}
