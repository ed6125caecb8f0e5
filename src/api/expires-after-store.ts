import { type SQL, sql } from "drizzle-orm";

/**
 * The new `expires_at` of a token or secret that is being replaced: `overlapS` seconds from now, or its present value
 * where that is earlier. Cut to the column's milliseconds: a value rounded up would still be valid in the very
 * transaction that ends it.
 */
export function expiresAfter(overlapS: number): SQL {
  const end = sql`date_trunc('milliseconds', now() + make_interval(secs => ${overlapS}))`;
  return sql`least(coalesce(expires_at, 'infinity'), ${end})`;
}
