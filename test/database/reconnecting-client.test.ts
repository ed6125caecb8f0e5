import { afterAll, beforeAll, expect, test } from "vitest";
import { connectHot, type Sql } from "../../src/database/connect.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

let database: TestDatabase;
let sql: Sql;
let uncaught: unknown[];
const remember = (error: unknown) => uncaught.push(error);

beforeAll(async () => {
  database = await testDatabase();
  sql = connectHot(database.url, { applicationName: "hakika victim", max: 2 });
  uncaught = [];
  process.on("uncaughtException", remember);
});

afterAll(async () => {
  process.off("uncaughtException", remember);
  await sql.end({ timeout: 1 });
  await database.drop();
});

type Tx = Parameters<Parameters<Sql["begin"]>[1]>[0];
const kill = async (tx: Tx) => {
  const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return database.sql`select pg_terminate_backend(${row!.pid}, 5000)`;
};

const moments: Record<string, (tx: Tx) => Promise<unknown>> = {
  "while its only statement runs": tx => tx`select pg_terminate_backend(pg_backend_pid())`,
  "while several wait in line": tx =>
    Promise.all([tx`select 1`, tx`select pg_terminate_backend(pg_backend_pid())`, tx`select 2`, tx`select ${3}::int`]),
  "while many are under way": async tx => {
    const killed = kill(tx);
    await Promise.all([killed, ...Array.from({ length: 8 }, (_, n) => tx`select ${n}::int, pg_sleep(0.002)`)]);
    await tx`select 4`;
  },
  "while it waits for something else": async tx => {
    await kill(tx);
    await new Promise(resolve => setImmediate(resolve));
    await tx`select 5`;
  },
  "(regression) just before its work ends": async tx => {
    await kill(tx);
  },
  "(regression) while its work ends without another statement": async tx => {
    await kill(tx);
    await new Promise(resolve => setImmediate(resolve));
  },
};

test.for(Object.entries(moments))(
  "a transaction that loses its connection %s ends, and costs neither program nor client",
  async ([, work]) => {
    for (let round = 0; round < 25; round += 1) {
      await expect(sql.begin(work)).rejects.toThrow();
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    }
    expect(uncaught).toEqual([]);
  },
);

test("statements handed over at the moment their connections are lost end, and those after them go through", async () => {
  let isOver = false;
  const ask = async () => {
    while (!isOver) {
      await Promise.allSettled([sql`select 1`, sql`select ${2}::int`, sql.begin(tx => tx`select 3`)]);
      await new Promise(resolve => setImmediate(resolve));
    }
  };
  const asking = Array.from({ length: 10 }, ask);
  for (let round = 0; round < 60; round += 1) {
    await database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'hakika victim' and datname = current_database()`;
  }
  isOver = true;
  await Promise.all(asking);
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  expect(uncaught).toEqual([]);
});

test("what a lost client listened to is heard again", async () => {
  const heard: string[] = [];
  let listens = 0;
  await sql.listen(
    "news",
    text => heard.push(text),
    () => {
      listens += 1;
    },
  );
  await database.sql`select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen "news"'`;
  await expect.poll(() => listens).toBe(2);
  await database.sql`select pg_notify('news', 'again')`;
  await expect.poll(() => heard).toEqual(["again"]);
});
