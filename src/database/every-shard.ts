import { allShards } from "../domain/ids.ts";
import type { Sql } from "./connect.ts";

/** The element type of the list: `smallint`. */
const int2Oid = 21;

/**
 * The list of all shards, for `shard = any(...)` in statements over every shard that lock no row in choosing their
 * rows: a cluster would refuse that. An index that begins with the shard is entered once per named shard; without names
 * it is read to its end.
 */
export function everyShard(sql: Sql) {
  return sql`${sql.array([...allShards], int2Oid)}::int2[]`;
}
