import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../support/database.ts";

/** Tables that hold nothing of a merchant's: processes, and the installation itself. */
const ofNobody = ["heartbeats", "installation_keys"];

type Key = { table: string; name: string; columns: string[]; kind: string };
type Reference = { table: string; name: string; columns: string[]; target: string; targetColumns: string[] };

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.drop());

test("every table of a merchant's data has a shard, and every key of it begins with the shard", async () => {
  const { sql } = database;
  const tables = await sql<{ name: string; sharded: boolean }[]>`
    select c.relname as name, exists (
      select from pg_attribute a where a.attrelid = c.oid and a.attname = 'shard' and a.attnotnull) as sharded
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') order by 1`;
  expect(tables.length).toBeGreaterThan(10);
  expect(tables.filter(t => !t.sharded && !ofNobody.includes(t.name)).map(t => t.name)).toEqual([]);

  const keys = await sql<Key[]>`
    select t.relname as table, i.relname as name, case when x.indisprimary then 'primary' else 'unique' end as kind,
      array(select coalesce(a.attname, '(expression)') from unnest(x.indkey::int2[]) with ordinality k (num, place)
        left join pg_attribute a on a.attrelid = t.oid and a.attnum = k.num order by k.place)::text[] as columns
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
    join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = 'public' and x.indisunique order by 1, 2`;
  expect(keys.length).toBeGreaterThan(20);
  expect(keys.filter(k => !ofNobody.includes(k.table) && k.columns[0] !== "shard")).toEqual([]);

  const withPrimary = new Set(keys.filter(k => k.kind === "primary").map(k => k.table));
  expect(tables.filter(t => !withPrimary.has(t.name)).map(t => t.name)).toEqual([]);
});

test("every foreign key carries the shard to the shard", async () => {
  const references = await database.sql<Reference[]>`
    select t.relname as table, c.conname as name, f.relname as target,
      array(select a.attname from unnest(c.conkey) with ordinality k (num, place)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num order by k.place)::text[] as columns,
      array(select a.attname from unnest(c.confkey) with ordinality k (num, place)
        join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.num order by k.place)::text[] as "targetColumns"
    from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_class f on f.oid = c.confrelid
    join pg_namespace n on n.oid = t.relnamespace
    where c.contype = 'f' and n.nspname = 'public'`;
  expect(references.length).toBeGreaterThan(3);
  expect(references.filter(r => r.columns[0] !== "shard" || r.targetColumns[0] !== "shard")).toEqual([]);
});

test("queues have no foreign keys: they are narrow, hot, and written beside what they point to", async () => {
  const rows = await database.sql<{ table: string }[]>`
    select t.relname as table from pg_constraint c join pg_class t on t.oid = c.conrelid
    where c.contype = 'f' and t.relname like '%\_queue'`;
  expect(rows).toEqual([]);
});

test("no id is made by a sequence of the database", async () => {
  const rows = await database.sql`
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'S' and n.nspname = 'public'`;
  expect([...rows]).toEqual([]);
});
