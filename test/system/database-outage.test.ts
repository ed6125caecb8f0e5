import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { newCallbackToken } from "../../src/connections/token.ts";
import { connectHot, type Sql } from "../../src/database/connect.ts";
import { receiptOf, stkPaid } from "../support/bodies.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { api, openShop, request, type Shop, startTestHakika } from "../support/hakika.ts";
import { type OwnPostgres, ownPostgres } from "../support/own-postgres.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { expectSettledOnce } from "./expect-settled.ts";
import { startLoad } from "./load.ts";

let postgres: OwnPostgres;
let proxy: TcpProxy;
let hakika: Running;
let shop: Shop;
let stk: string;
let sql: Sql;
const dataDir = newDataFolder();
const uncaught: unknown[] = [];
const remember = (error: unknown) => uncaught.push(error);

beforeAll(async () => {
  process.on("uncaughtException", remember);
  postgres = await ownPostgres();
  proxy = await tcpProxy(postgres.url);
  hakika = await startTestHakika(proxy.url, { env: { HAKIKA_DATA_DIR: dataDir } });
  // The load sends callbacks without registrations.
  shop = await openShop(hakika, { settings: { settle_on: "hint" } });
  stk = shop.connection.callback_urls.stk!;
  sql = connectHot(postgres.url, { applicationName: "hakika test", max: 2 });
});

afterAll(async () => {
  process.off("uncaughtException", remember);
  await hakika.stop();
  await shop.merchant.close();
  await sql.end({ timeout: 1 });
  await proxy.close();
  await postgres.remove();
});

const spooled = () => readdirSync(path.join(dataDir, "spool"));
const ready = async () => (await request("GET", `${hakika.url}/readyz`)).status;

/** Load before, during and after an outage. Each answered callback is settled once, with one event. */
async function through(
  outage: { begin: () => Promise<void>; end: () => Promise<void> },
  restMs = 20_000,
): Promise<void> {
  shop.merchant.events.clear();
  const load = startLoad(() => stk);
  await load.more(100);
  await outage.begin();
  await load.more(200);
  await outage.end();
  await load.more(100);
  await expect.poll(ready, { timeout: 20_000 }).toBe(200);
  await load.more(100);
  await load.stop();
  expect(load.refused).toEqual([]);
  await expectSettledOnce(sql, shop, load.answered, restMs);
  await expect.poll(spooled, { timeout: 10_000 }).toEqual([]);
  expect(uncaught).toEqual([]);
}

test("while the database is stopped under load every callback is answered, and nothing is lost or doubled", async () => {
  await through({ begin: postgres.stop, end: postgres.start });
});

test("while the database is killed under load every callback is answered, and nothing is lost or doubled", async () => {
  await through({ begin: postgres.kill9, end: postgres.start });
});

// Rows that were leased when the network fell silent are claimed again when their lease of 30 s has expired.
test("while the network to the database is silent every callback is answered, and nothing is lost or doubled", {
  timeout: 75_000,
}, async () => {
  await through({ begin: async () => proxy.silence(), end: async () => proxy.heal() }, 60_000);
});

test("while the database is stopped a known token is answered 200, and an unknown one 503 with Retry-After", async () => {
  const token = new URL(stk).pathname.split("/")[3]!;
  const unknown = stk.replace(token, newCallbackToken(Number.parseInt(token.slice(0, 2), 16)));
  const body = stkPaid("ws_CO_away", receiptOf(1));
  await postgres.stop();
  const refused = await request("POST", unknown, body);
  expect([refused.status, refused.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await request("POST", stk, body)).status).toBe(200);
  expect((await request("GET", `${hakika.url}/healthz`)).status).toBe(200);
  expect(await ready()).toBe(503);
  await postgres.start();
  await expect.poll(async () => (await request("POST", unknown, body)).status, { timeout: 20_000 }).toBe(404);
  await expect.poll(spooled, { timeout: 10_000 }).toEqual([]);
});

test("a token that was rotated after an outage is refused, although notices were lost", async () => {
  await postgres.stop();
  await postgres.start();
  await expect.poll(ready, { timeout: 20_000 }).toBe(200);
  await api(hakika, "POST", `/v1/connections/${shop.connection.id}/rotate-token`, { overlap_s: 0 });
  expect((await request("POST", stk, stkPaid("ws_CO_rotated", receiptOf(2)))).status).toBe(404);
});
