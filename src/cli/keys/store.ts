import type { Sql } from "../../database/connect.ts";
import type { SealedColumn } from "./sealed-columns.ts";

/** A row with a sealed value. `fields` has the columns of `key` and `also`, as text. */
export type SealedRow = { sealed: string; fields: Record<string, string> };

/** The next rows of a shard (null: the table has no shards) after a primary key, in the order of primary keys. */
export async function sealedAfter(
  sql: Sql,
  { table, column, key, also }: SealedColumn,
  shard: number | null,
  after: readonly string[] | null,
  rowsMax: number,
): Promise<SealedRow[]> {
  const names = key.map(({ name }) => name);
  const shown = [...names, ...(also === undefined ? [] : [also])].map(name => `${name}::text as ${name}`);
  const conditions = [`${column} is not null`];
  const values: (string | number)[] = [];
  if (shard !== null) conditions.push(`shard = $${values.push(shard)}`);
  if (after !== null) {
    const bounds = key.map(({ type }, at) => `$${values.push(after[at]!)}::text::${type}`);
    conditions.push(`(${names.join(", ")}) > (${bounds.join(", ")})`);
  }
  const rows = await sql.unsafe<Record<string, string>[]>(
    `select ${column} as sealed_value, ${shown.join(", ")} from ${table} where ${conditions.join(" and ")}
     order by ${names.join(", ")} limit ${rowsMax}`,
    values,
    { prepare: false },
  );
  return rows.map(({ sealed_value, ...fields }) => ({ sealed: sealed_value!, fields }));
}

/** Replaces values by newly sealed ones, and returns how many. A value that changed in the meantime stays as it is. */
export async function replaceSealed(
  sql: Sql,
  { table, column, key }: SealedColumn,
  shard: number | null,
  rows: readonly (SealedRow & { fresh: string })[],
): Promise<number> {
  const values: (string[] | number)[] = [rows.map(({ sealed }) => sealed), rows.map(({ fresh }) => fresh)];
  const lists = key.map(({ name }) => `$${values.push(rows.map(({ fields }) => fields[name]!))}::text[]`);
  const same = key.map(({ name, type }) => `t.${name} = r.${name}::${type}`);
  const inShard = shard === null ? [] : [`t.shard = $${values.push(shard)}`];
  const result = await sql.unsafe(
    `update ${table} t set ${column} = r.fresh
     from unnest($1::text[], $2::text[], ${lists.join(", ")})
       as r (old, fresh, ${key.map(({ name }) => name).join(", ")})
     where ${[...inShard, ...same, `t.${column} = r.old`].join(" and ")}`,
    values,
    { prepare: false },
  );
  return result.count;
}
