import type postgres from "postgres";

/** Object ids of PostgreSQL's own types and of lists of them; they are the same on every server. */
const listOf = {
  16: 1000, // bool
  17: 1001, // bytea
  20: 1016, // int8
  21: 1005, // int2
  23: 1007, // int4
  25: 1009, // text
  114: 199, // json
  869: 1041, // inet
  1184: 1185, // timestamptz
  2950: 2951, // uuid
  3802: 3807, // jsonb
} as const satisfies Record<number, number>;

/**
 * Lets `sql.array` work from the first statement on. postgres.js 3.4 asks the server for these numbers when it
 * connects, but builds the statement that made it connect before it has noted the answer: that one went out as `int8`
 * instead of `int8[]`.
 */
export function knowArrayTypes<Client extends postgres.Sql<{ bigint: bigint }>>(sql: Client): Client {
  const { shared } = sql.options as unknown as { shared: { typeArrayMap: Record<number, number> } };
  Object.assign(shared.typeArrayMap, listOf);
  return sql;
}
