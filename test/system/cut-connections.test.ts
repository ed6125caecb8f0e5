import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { stkRegistration } from "../support/bodies.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, openShop, request, type Shop, startTestHakika } from "../support/hakika.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { expectSettledOnce } from "./expect-settled.ts";
import { startLoad } from "./load.ts";

let database: TestDatabase;
let proxy: TcpProxy;
let hakika: Running;
let shop: Shop;
const uncaught: unknown[] = [];
const remember = (error: unknown) => uncaught.push(error);

beforeAll(async () => {
  process.on("uncaughtException", remember);
  database = await testDatabase();
  proxy = await tcpProxy(database.url);
  hakika = await startTestHakika(proxy.url);
  shop = await openShop(hakika, { settings: { settle_on: "hint" } });
});

afterAll(async () => {
  process.off("uncaughtException", remember);
  await hakika.stop();
  await shop.merchant.close();
  await proxy.close();
  await database.drop();
});

const stk = () => shop.connection.callback_urls.stk!;

async function expectAllGoesOn(load: ReturnType<typeof startLoad>): Promise<void> {
  await load.more(100);
  await load.stop();
  await expect.poll(async () => (await request("GET", `${hakika.url}/readyz`)).status, { timeout: 20_000 }).toBe(200);
  expect(load.refused).toEqual([]);
  await expectSettledOnce(database.sql, shop, load.answered, 45_000);
  expect(uncaught).toEqual([]);
}

/** Command tags of commits: of a settled batch, and of a kept batch, which is one statement without `begin`. */
const committed = /C\0\0\0.(COMMIT|INSERT 0 \d+)\0/;

test("connections cut between a commit and its reply double nothing and lose nothing", async () => {
  const load = startLoad(stk);
  await load.more(50);
  let [commits, cuts] = [0, 0];
  proxy.fromServer = chunk => {
    if (cuts >= 20 || !committed.test(chunk.toString("latin1"))) return chunk;
    commits += 1;
    if (commits % 3 !== 0) return chunk;
    cuts += 1;
    return "cut";
  };
  await expect.poll(() => cuts, { timeout: 20_000 }).toBe(20);
  proxy.fromServer = chunk => chunk;
  await expectAllGoesOn(load);
});

// Deliveries of a claim whose reply was lost are claimed again when their lease of 30 s has expired.
test("backends killed again and again in the middle of batches stop nothing for good", {
  timeout: 75_000,
}, async () => {
  shop.merchant.events.clear();
  const load = startLoad(stk, 8);
  for (let round = 0; round < 60; round += 1) {
    await database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'hakika %' and application_name <> 'hakika test'
        and (state <> 'idle' or pid % 7 = ${round % 7})`;
    await load.more(5);
  }
  await expectAllGoesOn(load);
});

test("a registration whose reply was cut off is registered once, however often it is repeated", async () => {
  const body = stkRegistration(shop.connection.id, "ws_CO_cut_registration");
  proxy.fromServer = chunk => {
    if (!/COMMIT\0/.test(chunk.toString("latin1"))) return chunk;
    proxy.fromServer = passed => passed;
    return "cut";
  };
  await expect(api(hakika, "POST", "/v1/transactions", body)).rejects.toThrow(/50\d/);
  await expect
    .poll(() => api(hakika, "POST", "/v1/transactions", body).then(t => t.status, String), { timeout: 10_000 })
    .toBe("pending");
  const { data } = await api(hakika, "GET", "/v1/transactions?provider_ref=ws_CO_cut_registration");
  expect(data).toHaveLength(1);
});

test.each(["exists (select 1 from connections)", "insert into audit_heads", "listen "])(
  "regression: a start whose connection is cut as it waits for the answer to '%s' tries again, and succeeds",
  async text => {
    const cutting = await tcpProxy(database.url);
    let [isSent, cuts] = [false, 0];
    cutting.toServer = chunk => {
      isSent ||= cuts === 0 && chunk.includes(text);
    };
    cutting.fromServer = chunk => {
      if (!isSent) return chunk;
      [isSent, cuts] = [false, cuts + 1];
      return "cut";
    };
    const started = await startTestHakika(cutting.url);
    await started.stop();
    await cutting.close();
    expect(cuts).toBe(1);
  },
);
