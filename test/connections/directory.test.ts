import { afterAll, beforeAll, expect, test } from "vitest";
import { createDirectory } from "../../src/connections/directory.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { connection, merchant, type TestConnection, testBox } from "../support/fixtures.ts";

let database: TestDatabase;
let known: TestConnection;
let other: TestConnection;

beforeAll(async () => {
  database = await testDatabase();
  const owner = await merchant(database.sql);
  [known, other] = await Promise.all([connection(database.sql, owner), connection(database.sql, owner)]);
});
afterAll(() => database.drop());

/** While `work` runs, every look-up of a token hangs. */
async function whileHanging<T>(work: () => Promise<T>): Promise<T> {
  return database.sql.begin(async tx => {
    await tx`lock table connection_tokens in access exclusive mode`;
    return work();
  }) as Promise<T>;
}

/** Far above the waits of these tests, far below the 3 s of a caller without a wait of its own. */
const soonMs = 1_500;

async function timed<T>(work: () => T | Promise<T>): Promise<{ value: T; ms: number }> {
  const startedMs = performance.now();
  const value = await work();
  return { value, ms: performance.now() - startedMs };
}

test("a look-up that takes longer than the caller waits is unavailable by then", async () => {
  const directory = createDirectory({ sql: database.sql, box: testBox });
  const { value, ms } = await whileHanging(() => timed(() => directory.byToken(other.token, 200)));
  expect(value).toEqual({ kind: "unavailable" });
  expect(ms).toBeLessThan(soonMs);
  expect(await directory.byToken(other.token)).toMatchObject({ kind: "found" });
});

test("a stale token is still known where the database does not respond soon", async () => {
  const directory = createDirectory({ sql: database.sql, box: testBox });
  expect(await directory.byToken(known.token)).toMatchObject({ kind: "found" });
  directory.forget(null);
  const { value, ms } = await whileHanging(() => timed(() => directory.byToken(known.token)));
  expect(value).toMatchObject({ kind: "found", connection: { id: known.id } });
  expect(ms).toBeLessThan(soonMs);
});
