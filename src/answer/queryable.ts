import type postgres from "postgres";

/** What hand-written statements run on: a client of the hot kind, or a database transaction of one. */
export type Queryable = postgres.ISql<{ bigint: bigint }>;
