import type { Sql, Tx } from "../connect.ts";

/** A table of the database with a column `shard`, or without one. */
export type StoredTable = { name: string; isSharded: boolean; isDistributed: boolean };

/** Whether the database is a Citus cluster: it has the extension, and a node that takes shards. */
export async function isCluster(sql: Sql): Promise<boolean> {
  const [extension] = await sql<{ found: boolean }[]>`
    select exists (select 1 from pg_extension where extname = 'citus') as found`;
  if (!extension!.found) return false;
  const [node] = await sql<{ found: boolean }[]>`
    select exists (select 1 from pg_dist_node where noderole = 'primary' and isactive and shouldhaveshards) as found`;
  return node!.found;
}

/** Whether the merchants' tables are distributed. Asked of a database that has the extension or not. */
export async function isDistributed(sql: Sql): Promise<boolean> {
  const [catalog] = await sql<{ found: boolean }[]>`select to_regclass('pg_dist_partition') is not null as found`;
  if (!catalog!.found) return false;
  const [table] = await sql<{ found: boolean }[]>`
    select exists (select 1 from pg_dist_partition where logicalrelid = to_regclass('merchants')) as found`;
  return table!.found;
}

/** The tables of a cluster's database, those first that others refer to. Partitions belong to their table. */
export async function tablesOf(sql: Sql): Promise<StoredTable[]> {
  return await sql<StoredTable[]>`
    with recursive tables as (
      select c.oid, c.relname::text as name, exists (
          select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'shard' and not a.attisdropped
        ) as is_sharded,
        exists (select 1 from pg_dist_partition p where p.logicalrelid = c.oid) as is_distributed
      from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    ), depth (oid, steps) as (
      select oid, 0 from tables
      union
      select k.conrelid, depth.steps + 1 from depth join pg_constraint k on k.confrelid = depth.oid
      where k.contype = 'f' and k.conrelid <> k.confrelid
    )
    select name, is_sharded as "isSharded", is_distributed as "isDistributed"
    from tables join (select oid, max(steps) as steps from depth group by oid) d using (oid)
    order by d.steps, name <> 'merchants', name`;
}

export async function hasRows(sql: Sql, table: string): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`select exists (select 1 from ${sql(table)}) as found`;
  return row!.found;
}

/** Distributes tables by their shard, in one co-location group and one database transaction: all of them or none. */
export async function distributeTables(tx: Tx, tables: readonly string[]): Promise<void> {
  await tx`set local citus.multi_shard_modify_mode = 'sequential'`;
  for (const table of tables) await tx.unsafe(distribution(table));
}

/** Frees what a table's rows took on the coordinator before they moved to the nodes. */
export async function dropLocalRows(sql: Sql, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    await sql`select truncate_local_data_after_distributing_table(${table}::regclass)`;
  }
}

/** The statement that distributes a table. */
export function distribution(table: string): string {
  const group = table === "merchants" ? "none" : "merchants";
  return `select create_distributed_table('public."${table}"', 'shard', colocate_with => '${group}')`;
}
