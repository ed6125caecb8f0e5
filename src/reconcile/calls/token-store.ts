import type { Sql } from "../../database/connect.ts";
import { newLeaseId } from "../../database/lease-ids.ts";

/** A row of `access_tokens`; `token` is sealed. `isLive`: not expired. `isFresh`: not yet due for a refresh. */
export type StoredToken = { token: string; origin: string; isFresh: boolean; isLive: boolean; expiresAt: Date };

/** `name` is null for the one token of a provider (Provider.token), else one of Provider.tokens. */
export type TokenKey = { shard: number; connectionId: string; name: string | null };

const leaseS = 30;

export async function readToken(sql: Sql, key: TokenKey): Promise<StoredToken | null> {
  const [row] = await sql<StoredToken[]>`
    select token, origin, refresh_at > now() as "isFresh", expires_at > now() as "isLive",
      expires_at as "expiresAt"
    from ${tableOf(sql, key)} where ${isRow(sql, key)} and token is not null`;
  return row ?? null;
}

/** Leases the right to fetch a token, for 30 s; returns the lease, or null where another process has it. */
export async function leaseToken(sql: Sql, key: TokenKey): Promise<string | null> {
  const { shard, connectionId, name } = key;
  const [nameColumn, nameValue] = name === null ? [sql``, sql``] : [sql`, name`, sql`, ${name}`];
  const [row] = await sql<{ lease_id: string }[]>`
    insert into ${tableOf(sql, key)} as a (lease_id, leased_until, shard, connection_id${nameColumn})
    values (${newLeaseId()}, now() + make_interval(secs => ${leaseS}), ${shard}, ${connectionId}${nameValue})
    on conflict (shard, connection_id${nameColumn}) do update
      set lease_id = excluded.lease_id, leased_until = excluded.leased_until
      where a.leased_until is null or excluded.leased_until - a.leased_until >= interval '30 seconds'
    returning a.lease_id`;
  return row?.lease_id ?? null;
}

/**
 * Stores a fetched token and ends the lease; null where the lease was lost meanwhile, else when the token expires.
 * Times are seconds from now.
 */
export async function storeToken(
  sql: Sql,
  key: TokenKey,
  leaseId: string,
  fetched: { token: string; origin: string; refreshInS: number; expiresInS: number },
): Promise<Date | null> {
  const [row] = await sql<{ expiresAt: Date }[]>`
    update ${tableOf(sql, key)} set token = ${fetched.token}, origin = ${fetched.origin},
      refresh_at = now() + make_interval(secs => ${fetched.refreshInS}),
      expires_at = now() + make_interval(secs => ${fetched.expiresInS}), lease_id = null, leased_until = null
    where ${isRow(sql, key)} and lease_id = ${leaseId}
    returning expires_at as "expiresAt"`;
  return row?.expiresAt ?? null;
}

export async function releaseToken(sql: Sql, key: TokenKey, leaseId: string): Promise<void> {
  await sql`
    update ${tableOf(sql, key)} set lease_id = null, leased_until = null
    where ${isRow(sql, key)} and lease_id = ${leaseId}`;
}

/**
 * Named tokens have a table of their own: the key of `access_tokens`, which earlier versions use beside this one, has
 * no name.
 */
function tableOf(sql: Sql, { name }: TokenKey) {
  return name === null ? sql`access_tokens` : sql`named_access_tokens`;
}

function isRow(sql: Sql, { shard, connectionId, name }: TokenKey) {
  return sql`shard = ${shard} and connection_id = ${connectionId}${name === null ? sql`` : sql` and name = ${name}`}`;
}
