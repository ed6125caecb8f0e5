import type { Queryable } from "../database/connect.ts";
import type { SecretBox } from "../database/encryption.ts";
import { sealContext } from "../database/seal-contexts.ts";

/** An endpoint with its secrets opened. */
export type Endpoint = {
  id: string;
  url: string;
  /** Null: the default schedule. */
  retryScheduleS: number[] | null;
  rateLimitPerS: number | null;
  headers: Record<string, string>;
  /** Newest first. Whether a secret has expired is checked when signing. */
  secrets: { secret: string; expiresAt: Date | null }[];
  /** Why the endpoint cannot be used; null where it can. */
  problem: string | null;
};

type Row = {
  id: string;
  url: string;
  retry_schedule_s: number[] | null;
  rate_limit_per_s: number | null;
  headers: string;
  secrets: { id: string; secret: string; expires_at: string | null }[];
};

/** Some endpoints of one shard, with the secrets that have not expired. Deleted endpoints are left out. */
export async function loadEndpoints(
  sql: Queryable,
  box: SecretBox,
  shard: number,
  ids: readonly string[],
): Promise<Endpoint[]> {
  const rows = await sql<Row[]>`
    select e.id, e.url, e.retry_schedule_s, e.rate_limit_per_s, e.headers, coalesce(s.secrets, '[]') as secrets
    from endpoints e
    cross join lateral (
      select jsonb_agg(
        jsonb_build_object('id', s.id, 'secret', s.secret, 'expires_at', s.expires_at) order by s.id desc) as secrets
      from endpoint_secrets s
      where s.shard = ${shard} and s.endpoint_id = e.id and (s.expires_at is null or s.expires_at > now())
    ) s
    where e.shard = ${shard} and e.id = any(${ids as string[]}::uuid[]) and e.deleted_at is null`;
  return rows.map(row => open(row, box));
}

function open(row: Row, box: SecretBox): Endpoint {
  const endpoint = {
    id: row.id,
    url: row.url,
    retryScheduleS: row.retry_schedule_s,
    rateLimitPerS: row.rate_limit_per_s,
  };
  try {
    return {
      ...endpoint,
      headers: JSON.parse(box.open(row.headers, sealContext.endpointHeaders(row.id))) as Record<string, string>,
      secrets: row.secrets.map(s => ({
        secret: box.open(s.secret, sealContext.endpointSecret(s.id)),
        expiresAt: s.expires_at === null ? null : new Date(s.expires_at),
      })),
      problem: null,
    };
  } catch (error) {
    // A key is missing, for example. The problem is shown in the endpoint's attempts; the error contains no secret.
    const problem = `the endpoint's secrets cannot be opened: ${(error as Error).message}`;
    return { ...endpoint, headers: {}, secrets: [], problem };
  }
}
