import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { receiptOf, stkPaid, stkRegistration } from "../support/bodies.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, callbacksOf, openShop, request, type Shop, startTestHakika } from "../support/hakika.ts";
import { expectAtRest, expectSettledOnce } from "./expect-settled.ts";

let database: TestDatabase;
let hakika: Running;
let shop: Shop;
let stk: string;

beforeAll(async () => {
  database = await testDatabase();
  hakika = await startTestHakika(database.url);
  shop = await openShop(hakika);
  stk = shop.connection.callback_urls.stk!;
});

afterAll(async () => {
  await hakika.stop();
  await shop.merchant.close();
  await database.drop();
});

test("100 identical callbacks at once are one callback with 100 copies, one transaction, one event", async () => {
  const id = "ws_CO_hundred";
  await api(hakika, "POST", "/v1/transactions", stkRegistration(shop.connection.id, id));
  const body = stkPaid(id, receiptOf(1));
  const answers = await Promise.all(Array.from({ length: 100 }, () => request("POST", stk, body)));
  expect(new Set(answers.map(answer => `${answer.status} ${answer.text}`))).toEqual(
    new Set(['200 {"ResultCode":0,"ResultDesc":"Accepted"}']),
  );
  await expectSettledOnce(database.sql, shop, [id]);
  expect(await callbacksOf(hakika, shop.connection.id)).toMatchObject([{ copies: 100, state: "processed" }]);
  expect([...shop.merchant.events.values()].map(event => event.type)).toEqual(["payment.completed"]);
});

test("1,000 registrations race their callbacks: each pair is one settled transaction with one event", async () => {
  shop.merchant.events.clear();
  const ids = Array.from({ length: 1000 }, (_, n) => `ws_CO_race_${n}`);
  const parts = Array.from({ length: 16 }, (_, part) => ids.filter((_id, n) => n % 16 === part));
  const race = (id: string, n: number) => {
    const register = () => api(hakika, "POST", "/v1/transactions", stkRegistration(shop.connection.id, id));
    const call = () => request("POST", stk, stkPaid(id, receiptOf(1000 + n)));
    return Promise.all((n % 2 === 0 ? [register, call] : [call, register]).map(begin => begin()));
  };
  await Promise.all(
    parts.map(async part => {
      for (const id of part) await race(id, ids.indexOf(id));
    }),
  );
  await expectSettledOnce(database.sql, shop, ids);
  const [count] = await database.sql<{ all: number; orphans: number }[]>`
    select count(*)::int as all, count(*) filter (where not registered or review is not null)::int as orphans
    from transactions`;
  expect({ ...count }).toEqual({ all: 1001, orphans: 0 });
});

test("afterwards the queues are empty, and no sequence has a gap", async () => {
  await expectAtRest(database.sql);
});
