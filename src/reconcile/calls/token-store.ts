import type { Sql } from "../../database/connect.ts";

/** A row of `access_tokens`; `token` is sealed. `isLive`: not expired. `isFresh`: not yet due for a refresh. */
export type StoredToken = { token: string; origin: string; isFresh: boolean; isLive: boolean };

const leaseS = 30;

export async function readToken(sql: Sql, shard: number, connectionId: string): Promise<StoredToken | null> {
  const [row] = await sql<StoredToken[]>`
    select token, origin, refresh_at > now() as "isFresh", expires_at > now() as "isLive"
    from access_tokens where shard = ${shard} and connection_id = ${connectionId} and token is not null`;
  return row ?? null;
}

/** Leases the right to fetch a token, for 30 s; returns the lease, or null where another process has it. */
export async function leaseToken(sql: Sql, shard: number, connectionId: string): Promise<string | null> {
  const [row] = await sql<{ lease_id: string }[]>`
    insert into access_tokens as a (shard, connection_id, lease_id, leased_until)
    values (${shard}, ${connectionId}, gen_random_uuid(), now() + make_interval(secs => ${leaseS}))
    on conflict (shard, connection_id) do update set lease_id = excluded.lease_id, leased_until = excluded.leased_until
      where a.leased_until is null or a.leased_until <= now()
    returning a.lease_id`;
  return row?.lease_id ?? null;
}

/** Stores a fetched token and ends the lease; false where the lease was lost meanwhile. Times in seconds from now. */
export async function storeToken(
  sql: Sql,
  shard: number,
  connectionId: string,
  leaseId: string,
  fetched: { token: string; origin: string; refreshInS: number; expiresInS: number },
): Promise<boolean> {
  const result = await sql`
    update access_tokens set token = ${fetched.token}, origin = ${fetched.origin},
      refresh_at = now() + make_interval(secs => ${fetched.refreshInS}),
      expires_at = now() + make_interval(secs => ${fetched.expiresInS}), lease_id = null, leased_until = null
    where shard = ${shard} and connection_id = ${connectionId} and lease_id = ${leaseId}`;
  return result.count > 0;
}

export async function releaseToken(sql: Sql, shard: number, connectionId: string, leaseId: string): Promise<void> {
  await sql`
    update access_tokens set lease_id = null, leased_until = null
    where shard = ${shard} and connection_id = ${connectionId} and lease_id = ${leaseId}`;
}
