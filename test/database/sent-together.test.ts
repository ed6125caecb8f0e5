import { afterAll, beforeAll, expect, test } from "vitest";
import type { Tx } from "../../src/database/connect.ts";
import { allSent } from "../../src/database/sent-together.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

/** A statement whose error is told some microtasks after those of the statements behind it. */
async function failsLate(tx: Tx): Promise<void> {
  const failing = (async () => await tx`select 1 / 0`)();
  await failing.then(undefined, async error => {
    for (let turn = 0; turn < 10; turn += 1) await null;
    throw error;
  });
}

test("regression: of statements that fail together, the error that failed the transaction is told", async () => {
  const { sent } = (await database.sql.begin(async tx => {
    const statements = [tx`select 1`, failsLate(tx), (async () => await tx`select 2`)()];
    const sent = allSent(statements);
    sent.catch(() => {});
    await new Promise(resolve => setImmediate(resolve));
    return { sent };
  })) as { sent: Promise<void> };
  await expect(sent).rejects.toMatchObject({ code: "22012" });
});

test("statements that all succeed are waited for", async () => {
  let isAnswered = false;
  const slow = (async () => {
    await database.sql`select 1`;
    isAnswered = true;
  })();
  await allSent([Promise.resolve(), slow]);
  expect(isAnswered).toBe(true);
});
