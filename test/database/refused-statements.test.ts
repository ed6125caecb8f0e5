import { afterAll, beforeAll, expect, test } from "vitest";
import { connectHot, type Sql } from "../../src/database/connect.ts";
import { type RefusedStatement, refusedStatement } from "../../src/database/refused-statements.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

const told: RefusedStatement[] = [];
let database: TestDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await testDatabase();
  sql = connectHot(database.url, { applicationName: "hakika test", max: 1, onRefused: each => told.push(each) });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

test("a statement that can never work is told with its code and its table, wherever it runs", async () => {
  const wrong = (on: Pick<Sql, "unsafe">) => on.unsafe("update merchants set name = name + 1");
  await expect(sql`select 1 from merchants where shard = ${1} group by name + 1`).rejects.toThrow();
  await expect(wrong(sql)).rejects.toThrow();
  await expect(sql.begin(async tx => await wrong(tx as never))).rejects.toThrow();
  expect(told.map(({ code, statement }) => `${code} ${statement}`)).toEqual([
    "42883 from merchants",
    "42883 update merchants",
    "42883 update merchants",
  ]);
});

test("what concerns values, a lost connection or a right that an operator grants is none", () => {
  for (const code of ["23505", "22001", "40001", "57P01", "42501", "42P01", "CONNECTION_CLOSED"]) {
    expect(refusedStatement(Object.assign(new Error("no"), { code }))).toBeNull();
  }
  expect(refusedStatement(new Error("no"))).toBeNull();
});
