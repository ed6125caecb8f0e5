import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrate, pendingMigrations, versionProblem } from "../../src/database/migrate.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase();
  await database.sql`drop schema if exists drizzle cascade`;
});

afterEach(async () => {
  await database.drop();
});

test("of two migrations at once one does the work and both succeed", async () => {
  const folder = migrations(["create table first_one ()", "create table second_one ()"]);
  const counts = await Promise.all([1, 2, 3].map(() => migrate(database.url, folder)));
  expect(counts.toSorted()).toEqual([0, 0, 2]);
});

test("migrations are pending until they have run, and again when the program brings a new one", async () => {
  const folder = migrations(["create table first_one ()"]);
  expect(await pendingMigrations(database.url, folder)).toBe(true);
  await migrate(database.url, folder);
  expect(await pendingMigrations(database.url, folder)).toBe(false);
  expect(await pendingMigrations(database.sql, folder)).toBe(false);
  const newer = migrations(["create table first_one ()", "create table second_one ()"]);
  expect(await pendingMigrations(database.sql, newer)).toBe(true);
});

test("a migration that fails leaves nothing of its run behind", async () => {
  const folder = migrations(["create table first_one ()", "create table first_one ()"]);
  await expect(migrate(database.url, folder)).rejects.toThrow();
  expect(await database.sql`select to_regclass('first_one') as found`).toEqual([{ found: null }]);
  expect(await pendingMigrations(database.sql, folder)).toBe(true);
});

test("a program older than its database has nothing pending", async () => {
  const newer = migrations(["create table first_one ()", "create table second_one ()"]);
  await migrate(database.url, newer);
  expect(await pendingMigrations(database.sql, migrations(["create table first_one ()"]))).toBe(false);
});

test("servers from version 15 on are taken, older ones are named and refused", () => {
  expect([150000, 160003, 180004].map(versionProblem)).toEqual([null, null, null]);
  expect(versionProblem(140012)).toBe("The database is PostgreSQL 14.12; Hakika needs 15 or later.");
});

/** A folder as drizzle-kit makes it, with one migration for each statement. */
function migrations(statements: string[]): string {
  const folder = newDataFolder();
  mkdirSync(path.join(folder, "meta"), { recursive: true });
  const entries = statements.map((_, idx) => ({
    idx,
    version: "7",
    when: 1000 + idx,
    tag: `000${idx}`,
    breakpoints: true,
  }));
  writeFileSync(
    path.join(folder, "meta", "_journal.json"),
    JSON.stringify({ version: "7", dialect: "postgresql", entries }),
  );
  for (const [idx, statement] of statements.entries()) writeFileSync(path.join(folder, `000${idx}.sql`), statement);
  return folder;
}
