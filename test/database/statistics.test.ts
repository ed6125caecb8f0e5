import { afterAll, beforeAll, expect, test } from "vitest";
import { startStatistics } from "../../src/database/statistics.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { silentLog } from "../support/silent-log.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await database.sql`create table notes (shard int2, id int8, text text, primary key (shard, id))`;
  await database.sql`create table still (id int8 primary key)`;
});
afterAll(() => database.drop());

async function plannedRows(): Promise<number> {
  const [row] = await database.sql<{ reltuples: number }[]>`select reltuples from pg_class where relname = 'notes'`;
  return row!.reltuples;
}
const add = (from: number, to: number) =>
  database.sql`insert into notes select 1, n, repeat('x', 100) from generate_series(${from}::int, ${to}::int) n`;

test("a table that has grown is planned for anew, once, and the others are left alone", async () => {
  const statistics = startStatistics({ sql: database.sql, log: silentLog });
  statistics.stop();
  await database.sql`alter table notes set (autovacuum_enabled = off)`;
  await add(1, 10);
  await database.sql`analyze`;
  expect(await statistics.look()).toEqual([]);
  await add(11, 20_000);
  expect(await statistics.look()).toEqual(["notes"]);
  expect(await plannedRows()).toBe(20_000);
  expect(await statistics.look()).toEqual([]);
  await add(20_001, 50_000);
  expect(await statistics.look()).toEqual(["notes"]);
  expect(await plannedRows()).toBe(50_000);
});

test("a table that somebody is vacuuming is passed over", async () => {
  const statistics = startStatistics({ sql: database.sql, log: silentLog });
  statistics.stop();
  await add(50_001, 200_000);
  await database.sql.begin(async tx => {
    await tx`lock table notes in share update exclusive mode`;
    await statistics.look();
  });
  expect(await plannedRows()).toBe(50_000);
  await statistics.look();
  expect(await plannedRows()).toBe(200_000);
});
