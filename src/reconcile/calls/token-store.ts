import type { Sql } from "../../database/connect.ts";

/** As it is kept; `token` is sealed. */
export type StoredToken = { token: string; origin: string; isFresh: boolean; isLive: boolean };

const leaseS = 30;

/** `isLive`: it has not expired. `isFresh`: nor is it time to fetch another. */
export async function readToken(sql: Sql, shard: number, connectionId: string): Promise<StoredToken | null> {
  const [row] = await sql<StoredToken[]>`
    select token, origin, refresh_at > now() as "isFresh", expires_at > now() as "isLive"
    from access_tokens where shard = ${shard} and connection_id = ${connectionId} and token is not null`;
  return row ?? null;
}

/** Becomes the one that fetches; null where somebody else is. */
export async function leaseToken(sql: Sql, shard: number, connectionId: string): Promise<string | null> {
  const [row] = await sql<{ lease_id: string }[]>`
    insert into access_tokens as a (shard, connection_id, lease_id, leased_until)
    values (${shard}, ${connectionId}, gen_random_uuid(), now() + make_interval(secs => ${leaseS}))
    on conflict (shard, connection_id) do update set lease_id = excluded.lease_id, leased_until = excluded.leased_until
      where a.leased_until is null or a.leased_until <= now()
    returning a.lease_id`;
  return row?.lease_id ?? null;
}

/** Keeps what was fetched; false where the lease was lost meanwhile. Life in seconds from now. */
export async function storeToken(
  sql: Sql,
  shard: number,
  connectionId: string,
  leaseId: string,
  kept: { token: string; origin: string; refreshInS: number; expiresInS: number },
): Promise<boolean> {
  const result = await sql`
    update access_tokens set token = ${kept.token}, origin = ${kept.origin},
      refresh_at = now() + make_interval(secs => ${kept.refreshInS}),
      expires_at = now() + make_interval(secs => ${kept.expiresInS}), lease_id = null, leased_until = null
    where shard = ${shard} and connection_id = ${connectionId} and lease_id = ${leaseId}`;
  return result.count > 0;
}

export async function releaseToken(sql: Sql, shard: number, connectionId: string, leaseId: string): Promise<void> {
  await sql`
    update access_tokens set lease_id = null, leased_until = null
    where shard = ${shard} and connection_id = ${connectionId} and lease_id = ${leaseId}`;
}
