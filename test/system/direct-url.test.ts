import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, openShop, request, startTestHakika } from "../support/hakika.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";

let database: TestDatabase;
let pooled: TcpProxy;
let direct: TcpProxy;
let running: Awaited<ReturnType<typeof startTestHakika>>;
const sent = { pooled: "", direct: "" };

beforeAll(async () => {
  database = await testDatabase();
  pooled = await tcpProxy(database.url);
  direct = await tcpProxy(database.url);
  pooled.toServer = chunk => {
    sent.pooled += chunk.toString("latin1");
  };
  direct.toServer = chunk => {
    sent.direct += chunk.toString("latin1");
  };
  running = await startTestHakika(pooled.url, { env: { DATABASE_DIRECT_URL: direct.url } });
});
afterAll(async () => {
  await running?.stop();
  await pooled?.close();
  await direct?.close();
  await database?.drop();
});

/** What only a session can do. Locks of a database transaction end with it, and may go through a pooler. */
const ofSessions = /\blisten \W*hakika|pg_advisory_lock|hakika migrate/gi;

test("what needs a session goes to DATABASE_DIRECT_URL alone, and the work to DATABASE_URL", async () => {
  const shop = await openShop(running);
  const url = shop.connection.callback_urls.stk!;
  expect((await request("POST", url, { Body: { stkCallback: {} } })).status).toBe(200);
  expect(sent.pooled.match(ofSessions)).toBeNull();
  const found = new Set(sent.direct.match(ofSessions)?.map(text => text.toLowerCase()));
  expect([...found].sort()).toEqual(["hakika migrate", 'listen "hakika', "pg_advisory_lock"]);
  expect(sent.direct).not.toContain("callback_bodies");
  expect(sent.pooled).toContain("callback_bodies");
  await api(running, "GET", "/readyz");
});
