import type { Queryable } from "../connect.ts";
import { type BackupTable, truncateStatement } from "./format.ts";

/** What a start makes again: who lives, and who is signed in at the console. */
const leftOut = ["heartbeats", "console_sessions"];

/**
 * The tables of the program with their stored columns, those of raw bodies by day; a table comes after those that its
 * foreign keys name.
 */
export async function listTables(sql: Queryable): Promise<BackupTable[]> {
  const rows = await sql<(BackupTable & { needs: string[] })[]>`
    select c.relname as name,
      array(select a.attname from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum)::text[] as columns,
      array(select f.relname from pg_constraint k join pg_class f on f.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and f.oid <> c.oid)::text[] as needs
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> all(${leftOut}::text[])
    order by 1`;
  const ordered: BackupTable[] = [];
  const isPlaced = (name: string) => ordered.some(table => table.name === name);
  for (let left = [...rows]; left.length > 0; left = left.filter(({ name }) => !isPlaced(name))) {
    const ready = left.filter(({ needs }) => needs.every(isPlaced));
    if (ready.length === 0) throw new Error(`foreign keys in a circle: ${left.map(({ name }) => name).join(", ")}`);
    ordered.push(...ready.map(({ name, columns }) => ({ name, columns })));
  }
  return ordered;
}

/** `created_at` of the newest migration that ran. */
export async function newestMigration(sql: Queryable): Promise<number> {
  const [row] = await sql<{ newest: string | null }[]>`
    select max(created_at)::text as newest from drizzle.__drizzle_migrations`;
  return Number(row?.newest ?? 0);
}

/** Whether the database has anything that a restore would replace. */
export async function hasMerchants(sql: Queryable): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    select exists (select 1 from merchants) or exists (select 1 from audit) as found`;
  return row!.found;
}

export async function emptyTables(sql: Queryable, tables: BackupTable[]): Promise<void> {
  await sql.unsafe(truncateStatement(tables));
}
