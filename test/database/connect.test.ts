import { EventEmitter, once } from "node:events";
import { bigint, jsonb, pgTable, timestamp } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDrizzle, connectHot, waitForDatabase } from "../../src/database/connect.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type OwnPostgres, ownPostgres } from "../support/own-postgres.ts";
import { silentLog } from "../support/silent-log.ts";

let database: TestDatabase;
let own: OwnPostgres;

beforeAll(async () => {
  [database, own] = await Promise.all([testDatabase(), ownPostgres()]);
});

afterAll(async () => {
  await Promise.all([database.drop(), own.remove()]);
});

test("eight-byte integers are exact in both directions, alone and in lists, from a client's first statement on", async () => {
  const most = 2n ** 63n - 1n;
  const sql = connectHot(database.url, { applicationName: "hakika test", max: 1 });
  const many = [most, -most];
  const [row] = await sql`select ${most}::int8 as one, ${sql.array(many, 20)}::int8[] as many, count(*) as count`;
  expect(row).toEqual({ one: most, many, count: 1n });
  await sql.end();
});

test("a transaction left idle is ended by the server before a lease has run out twice", async () => {
  const [row] = await database.sql`select current_setting('idle_in_transaction_session_timeout') as timeout`;
  expect(row).toEqual({ timeout: "15s" });
});

test("Drizzle and the hot client read JSON and times each in its own way, side by side", async () => {
  const notes = pgTable("notes", {
    id: bigint({ mode: "bigint" }).primaryKey(),
    body: jsonb(),
    at: timestamp({ withTimezone: true }),
  });
  const db = connectDrizzle(database.url, { notes });
  const note = { id: 2n ** 60n, body: { a: [1] }, at: new Date("2026-01-02T03:04:05.678Z") };
  await database.sql`create table notes (id int8 primary key, body jsonb, at timestamptz)`;
  await db.insert(notes).values(note);
  expect(await db.query.notes.findFirst()).toEqual(note);
  expect(await database.sql`select * from notes`).toEqual([note]);
  await db.$client.end();
});

test("test databases are apart from each other, and several can be made at once", async () => {
  const others = await Promise.all([testDatabase(), testDatabase(), testDatabase()]);
  await others[0].sql`create table only_here ()`;
  expect(await others[1].sql`select to_regclass('only_here') as found`).toEqual([{ found: null }]);
  await Promise.all(others.map(other => other.drop()));
});

test("a database that comes late is waited for", async () => {
  await own.stop();
  const refused = new EventEmitter();
  const log = { info: () => {}, warn: () => refused.emit("warn"), error: () => {} };
  const waiting = waitForDatabase(own.url, AbortSignal.timeout(25_000), log);
  await once(refused, "warn");
  await own.start();
  expect(await waiting).toBe("ready");
});

test("waiting for a database ends when it is called off, and names no password", async () => {
  await own.stop();
  const logged: string[] = [];
  const controller = new AbortController();
  const log = {
    info: () => {},
    warn: (...words: unknown[]) => {
      logged.push(JSON.stringify(words));
      controller.abort();
    },
    error: () => {},
  };
  expect(await waitForDatabase(own.url, controller.signal, log)).toBe("aborted");
  expect(logged.join()).toMatch(/ECONNREFUSED/);
  expect(logged.join()).not.toContain(new URL(own.url).password);
  await own.start();
});

test("a wrong password is one error line that says what to correct, however often it is tried", async () => {
  const wrong = new URL(own.url);
  wrong.password = "wrong";
  const controller = new AbortController();
  const [errors, warnings]: [string[], unknown[]] = [[], []];
  const tried = new EventEmitter();
  const log = {
    info: () => {},
    warn: (...words: unknown[]) => void warnings.push(words),
    error: (...words: unknown[]) => {
      errors.push(JSON.stringify(words));
      tried.emit("tried");
    },
  };
  const waiting = waitForDatabase(wrong.href, controller.signal, log);
  await once(tried, "tried");
  controller.abort();
  expect(await waiting).toBe("aborted");
  expect(errors).toEqual([expect.stringContaining("refuses the user name or the password: correct DATABASE_URL")]);
  expect(warnings).toEqual([]);
});

test("a client finds a database that was killed and started again", async () => {
  await waitForDatabase(own.url, AbortSignal.timeout(25_000), silentLog);
  const sql = connectHot(own.url, { applicationName: "hakika test", max: 2 });
  await sql`create table kept as select 42 as answer`;
  await own.kill9();
  await expect(sql`select answer from kept`).rejects.toThrow();
  await own.start();
  await expect.poll(() => sql`select answer from kept`.catch(() => []), { timeout: 20_000 }).toEqual([{ answer: 42 }]);
  await sql.end();
});

test("a client that lost its connection with a statement under way can be ended", async () => {
  const sql = connectHot(database.url, { applicationName: "hakika test", max: 2 });
  await expect(sql`select pg_terminate_backend(pg_backend_pid())`).rejects.toThrow();
  await sql.end();
});
