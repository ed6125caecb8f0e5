import type { Sql } from "../database/connect.ts";
import type { OldTable } from "./old-tables.ts";

/** The next plain rows of a shard from an id on. `seen` names the version of the row. */
export async function plainRows(
  sql: Sql,
  shard: number,
  { table, key, isPlain, also }: OldTable,
  from: string,
  rowsMax: number,
): Promise<(Record<string, unknown> & { seen: string })[]> {
  return await sql.unsafe(
    `select t.*, t.xmin::text as seen${also === undefined ? "" : `, ${also}`} from ${table} t
     where t.shard = $1 and t.${key[0]!} >= $2::uuid and (${isPlain}) order by ${key.join(", ")} limit ${rowsMax}`,
    [shard, from],
    { prepare: false },
  );
}

/** Writes sealed values. A row that was changed since it was read stays as it is. */
export async function writeSealed(
  sql: Sql,
  shard: number,
  { table, key, set }: OldTable,
  rows: { row: Record<string, unknown> & { seen: string }; fresh: Record<string, string | null> }[],
): Promise<void> {
  const names = Object.keys(rows[0]!.fresh);
  const lists = [
    ...key.map(name => rows.map(({ row }) => String(row[name]))),
    rows.map(({ row }) => row.seen),
    ...names.map(name => rows.map(({ fresh }) => fresh[name] ?? null)),
  ];
  const columns = [...key.map(name => `key_${name}`), "seen", ...names];
  const same = key.map(name => `t.${name}::text = r.key_${name}`);
  const first = `t.${key[0]!} = r.key_${key[0]!}::uuid`;
  await sql.unsafe(
    `update ${table} t set sealed = coalesce(decode(r.sealed, 'base64'), t.sealed), ${set}
     from unnest(${lists.map((_, at) => `$${at + 2}::text[]`).join(", ")}) as r (${columns.join(", ")})
     where t.shard = $1 and ${first} and ${same.join(" and ")} and t.xmin::text = r.seen`,
    [shard, ...lists] as never[],
    { prepare: false },
  );
}

/** How far a task has gone through a shard; null before it began. */
export async function reachedBy(sql: Sql, shard: number, task: string): Promise<string | null> {
  const [row] = await sql<{ reached: string }[]>`
    select reached from personal_data_cursors where shard = ${shard} and task = ${task}`;
  return row?.reached ?? null;
}

export async function writeReached(sql: Sql, shard: number, task: string, reached: string): Promise<void> {
  await sql`
    insert into personal_data_cursors (shard, task, reached) values (${shard}, ${task}, ${reached})
    on conflict (shard, task) do update set reached = excluded.reached`;
}
