import type { Sql } from "../src/database/connect.ts";

/** Tables that hold a settled and delivered payment's rows. Queues are empty by then. */
const tables = [
  "callbacks",
  "callback_bodies",
  "callback_readings",
  "transactions",
  "transaction_refs",
  "transaction_keys",
  "evidence",
  "events",
  "deliveries",
  "delivery_attempts",
];
/** Ids that all payments of one merchant share. */
const shared = ["merchant_id", "connection_id", "endpoint_id", "batch_id"];
const batch = 20_000;

/**
 * Repeats every row of the database's only payment `count` times, with ids, keys and the provider's id of their own, as
 * the columns that there are name them: so it needs no change with the schema. The rows keep the payment's shard.
 */
export async function clonePayment(sql: Sql, checkoutId: string, from: number, count: number): Promise<void> {
  for (let at = from; at < from + count; at += batch) {
    const to = Math.min(at + batch, from + count) - 1;
    for (const table of tables) await cloneRows(sql, table, checkoutId, at, to);
  }
  for (const table of tables) await sql`analyze ${sql(table)}`;
}

async function cloneRows(sql: Sql, table: string, checkoutId: string, first: number, last: number): Promise<void> {
  const columns = await sql<{ name: string; type: string }[]>`
    select column_name as name, data_type as type from information_schema.columns
    where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER' order by ordinal_position`;
  if (columns.length === 0) return;
  const values = columns.map(({ name, type }) => clonedValue(`"${name}"`, name, type));
  const names = columns.map(({ name }) => `"${name}"`).join(", ");
  const statement = `insert into ${table} (${names})
    select ${values.join(", ")} from bench_seed_${table} cross join generate_series(${first}, ${last}) as copy (n)`;
  await sql.unsafe(statement.replaceAll("$id", checkoutId));
}

function clonedValue(column: string, name: string, type: string): string {
  if (type === "uuid" && !shared.includes(name)) {
    return `overlay(${column}::text placing lpad(to_hex(n), 12, '0') from 25)::uuid`;
  }
  if (type === "ARRAY" && name.endsWith("_ids")) {
    return `array(select overlay(i::text placing lpad(to_hex(n), 12, '0') from 25)::uuid from unnest(${column}) i)`;
  }
  if (type === "text" && (name === "key" || name === "value")) return `${column} || ':' || n`;
  if (type === "text") return `replace(${column}, '$id', '$id' || n)`;
  if (type === "jsonb") return `replace(${column}::text, '$id', '$id' || n)::jsonb`;
  return column;
}

/** Keeps the rows of the database's only payment apart, as the seed of all others. */
export async function keepSeed(sql: Sql): Promise<void> {
  for (const table of tables) await sql.unsafe(`create table bench_seed_${table} as select * from ${table}`);
}
