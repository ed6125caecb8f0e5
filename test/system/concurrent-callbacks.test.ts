import { beforeAll, expect, test } from "vitest";
import { receiptOf, stkPaid, stkRegistration } from "../support/bodies.ts";
import { api, callbacksOf, request } from "../support/hakika.ts";
import { shopBundle } from "../support/shop-bundle.ts";
import { expectAtRest, expectSettledOnce } from "./expect-settled.ts";

const on = shopBundle();
let stk: string;

beforeAll(async () => {
  stk = on.shop.connection.callback_urls.stk!;
});

test("100 identical callbacks at once are one callback with 100 copies, one transaction, one event", async () => {
  const id = "ws_CO_hundred";
  await api(on.hakika, "POST", "/v1/transactions", stkRegistration(on.shop.connection.id, id));
  const body = stkPaid(id, receiptOf(1));
  const answers = await Promise.all(Array.from({ length: 100 }, () => request("POST", stk, body)));
  expect(new Set(answers.map(answer => `${answer.status} ${answer.text}`))).toEqual(
    new Set(['200 {"ResultCode":0,"ResultDesc":"Accepted"}']),
  );
  await expectSettledOnce(on.database.sql, on.shop, [id]);
  expect(await callbacksOf(on.hakika, on.shop.connection.id)).toMatchObject([{ copies: 100, state: "processed" }]);
  expect([...on.shop.merchant.events.values()].map(event => event.type)).toEqual(["payment.completed"]);
});

test("1,000 registrations race their callbacks: each pair is one settled transaction with one event", async () => {
  on.shop.merchant.events.clear();
  const ids = Array.from({ length: 1000 }, (_, n) => `ws_CO_race_${n}`);
  const parts = Array.from({ length: 16 }, (_, part) => ids.filter((_id, n) => n % 16 === part));
  const race = (id: string, n: number) => {
    const register = () => api(on.hakika, "POST", "/v1/transactions", stkRegistration(on.shop.connection.id, id));
    const call = () => request("POST", stk, stkPaid(id, receiptOf(1000 + n)));
    return Promise.all((n % 2 === 0 ? [register, call] : [call, register]).map(begin => begin()));
  };
  await Promise.all(
    parts.map(async part => {
      for (const id of part) await race(id, ids.indexOf(id));
    }),
  );
  await expectSettledOnce(on.database.sql, on.shop, ids);
  const [count] = await on.database.sql<{ all: number; orphans: number }[]>`
    select count(*)::int as all, count(*) filter (where not registered or review is not null)::int as orphans
    from transactions`;
  expect({ ...count }).toEqual({ all: 1001, orphans: 0 });
});

test("afterwards the queues are empty, and no sequence has a gap", async () => {
  await expectAtRest(on.database.sql);
});
