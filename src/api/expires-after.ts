import { type SQL, sql } from "drizzle-orm";

/**
 * The new `expires_at` of what is being replaced: `overlapS` seconds from now, unless it ends sooner. Cut to the column's
 * milliseconds, because rounded up it would still live in the very transaction that ends it.
 */
export function expiresAfter(overlapS: number): SQL {
  return sql`least(coalesce(expires_at, 'infinity'), date_trunc('milliseconds', now() + make_interval(secs => ${overlapS})))`;
}
