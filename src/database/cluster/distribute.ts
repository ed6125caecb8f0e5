import type { Sql } from "../connect.ts";
import { distributeTables, dropLocalRows, hasRows, isCluster, type StoredTable, tablesOf } from "./cluster-store.ts";

/**
 * Tables that hold nothing of a merchant's: processes, and the installation itself. A cluster keeps them on its
 * coordinator; every other table has a shard and is distributed by it.
 */
export const localTables: readonly string[] = ["heartbeats", "installation_keys"];

/** What a run distributed. `waiting`: tables with rows, which move only when that is asked for. */
export type Distributed = { distributed: string[]; waiting: string[] };

/**
 * Distributes the tables of merchants' data over a Citus cluster, where the database is one. Tables with rows move only
 * `withRows`, and while one of them waits none is distributed: they refer to each other. Throws where a table is
 * neither sharded nor listed as local. Under the lock of migrations.
 */
export async function distribute(sql: Sql, { withRows }: { withRows: boolean }): Promise<Distributed> {
  if (!(await isCluster(sql))) return { distributed: [], waiting: [] };
  const missing = undistributed(await tablesOf(sql));
  const full = [];
  for (const table of missing) if (await hasRows(sql, table)) full.push(table);
  if (full.length > 0 && !withRows) return { distributed: [], waiting: full };
  await sql.begin(tx => distributeTables(tx, missing));
  await dropLocalRows(sql, full);
  return { distributed: missing, waiting: [] };
}

/** The tables that are still to be distributed, in order. */
export function undistributed(tables: readonly StoredTable[]): string[] {
  const lost = tables.filter(({ name, isSharded }) => !isSharded && !localTables.includes(name));
  if (lost.length > 0) {
    throw new Error(`neither sharded nor listed as local: ${lost.map(({ name }) => name).join(", ")}`);
  }
  return tables.filter(table => table.isSharded && !table.isDistributed).map(({ name }) => name);
}
