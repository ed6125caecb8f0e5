import { afterAll, beforeAll, expect, test } from "vitest";
import { addressOfBoth, promote } from "../../chaos/postgres.ts";
import { connectDrizzle, connectHot, type Sql, waitForDatabase } from "../../src/database/connect.ts";
import { listen, notify } from "../../src/database/notices.ts";
import { type OwnPostgres, ownPostgres, ownReplica } from "../support/own-postgres.ts";
import { silentLog } from "../support/silent-log.ts";

let primary: OwnPostgres;
let replica: OwnPostgres;
const clients: { end(options: { timeout: number }): Promise<void> }[] = [];

beforeAll(async () => {
  primary = await ownPostgres();
  replica = await ownReplica(primary, true);
});

afterAll(async () => {
  await Promise.all(clients.map(client => client.end({ timeout: 0 })));
  await replica.remove();
  await primary.remove();
});

const both = () => addressOfBoth(primary, replica);

function connect(url: string): Sql {
  const sql = connectHot(url, { applicationName: "hakika test", max: 3 });
  clients.push(sql);
  return sql;
}

const isStandby = async (sql: Sql) => (await sql<{ is: boolean }[]>`select pg_is_in_recovery() as is`)[0]!.is;

/** The first answer; every error before it is one of a database that is away. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  let answer: { is: T } | null = null;
  const attempt = async () => {
    answer = { is: await ask() };
    return "answered";
  };
  const codeOf = (error: unknown) => {
    const { code } = error as { code?: string };
    expect(code).toMatch(/^(CONNECTION_|CONNECT_|ECONN|57P0)/);
    return code;
  };
  await expect.poll(() => attempt().catch(codeOf), { timeout: 20_000, interval: 20 }).toBe("answered");
  return answer!.is;
}

test("of several hosts, in any order, a hot standby is never taken for the primary", async () => {
  const url = new URL(primary.url);
  const inOrder = primary.url.replace(url.host, `${url.host},127.0.0.1:${replica.port}`);
  for (const named of [both(), inOrder, inOrder.replace("?", ""), `${inOrder}?target_session_attrs=primary`]) {
    expect(await waitForDatabase(named, AbortSignal.timeout(20_000), silentLog)).toBe("ready");
    const sql = connect(named);
    const answers = await Promise.all(Array.from({ length: 6 }, () => untilAnswered(() => isStandby(sql))));
    expect(answers).toEqual(Array(6).fill(false));
  }
});

test("a standby named alone as read-write is waited for, and never written to", async () => {
  const alone = connect(`${replica.url}?target_session_attrs=read-write`);
  await expect(isStandby(alone)).rejects.toThrow("CONNECTION_DESTROYED");
  await expect(isStandby(alone)).rejects.toThrow("CONNECTION_DESTROYED");
});

test("after the primary's end every client, its listener too, goes on at the promoted standby", async () => {
  const sql = connect(both());
  const db = connectDrizzle(both(), {});
  clients.push(db.$client);
  const heard: unknown[] = [];
  await untilAnswered(() => sql`create table kept (n int)`);
  await listen(
    sql,
    notice => heard.push(notice),
    () => {},
  );
  await untilAnswered(() => db.$client`select 1`);
  await sql`insert into kept values (1)`;
  await primary.kill9();
  // Nothing is there that could be written to: a statement fails, and does not wait.
  await expect(sql`insert into kept values (2)`).rejects.toThrow();
  await promote(replica);
  await untilAnswered(() => sql`insert into kept values (3)`);
  expect(await untilAnswered(() => db.$client`select n from kept order by n`)).toEqual([{ n: 1 }, { n: 3 }]);
  await expect
    .poll(async () => {
      await notify(sql, { operators: true });
      return heard.length;
    })
    .toBeGreaterThan(0);
});
