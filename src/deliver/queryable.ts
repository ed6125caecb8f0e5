import type postgres from "postgres";

/** What hand-written statements run on: the hot client, or a database transaction of it. */
export type Queryable = postgres.ISql<{ bigint: bigint }>;
