import { afterAll, beforeAll, expect, test } from "vitest";
import { oneAtATime } from "../../src/database/one-at-a-time.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const endBackends = () => database.sql`
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and state = 'idle in transaction'`;

test("work of one name is done by one process at a time, work of another name beside it", async () => {
  const { sql } = database;
  const within = await oneAtATime(sql, "housekeeping", async () => [
    await oneAtATime(sql, "housekeeping", async () => "second"),
    await oneAtATime(sql, "key rotation", async () => "other"),
  ]);
  expect(within).toEqual({ kind: "done", result: [{ kind: "busy" }, { kind: "done", result: "other" }] });
  expect(await oneAtATime(sql, "housekeeping", async () => "later")).toEqual({ kind: "done", result: "later" });
});

test("work that fails, and a process that dies, leave no lock", async () => {
  const { sql } = database;
  const failing = oneAtATime(sql, "housekeeping", () => Promise.reject(new Error("no disk")));
  await expect(failing).rejects.toThrow("no disk");
  const dying = oneAtATime(sql, "housekeeping", () => endBackends());
  await expect(dying).rejects.toThrow();
  await expect
    .poll(() => oneAtATime(sql, "housekeeping", async () => 1).catch(String))
    .toEqual({ kind: "done", result: 1 });
});
