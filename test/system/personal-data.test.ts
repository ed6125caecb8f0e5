import { expect, test } from "vitest";
import { phoneHasher } from "../../src/database/installation-key.ts";
import { parseId } from "../../src/domain/ids.ts";
import { erasePastDays } from "../../src/privacy/expire.ts";
import { sealOldRows } from "../../src/privacy/seal-old.ts";
import { receiptOf, stkPaid, stkRegistration } from "../support/bodies.ts";
import { api as json, request, testSecretKey } from "../support/hakika.ts";
import { dump, tracesOf } from "../support/person-traces.ts";
import { shopBundle } from "../support/shop-bundle.ts";
import { unlockFor } from "../support/stored-personal.ts";
import { expectAtRest } from "./expect-settled.ts";

const on = shopBundle();

// biome-ignore lint/suspicious/noExplicitAny: tests read what they expect there.
const api = async (...given: Parameters<typeof json>): Promise<{ json: any }> => ({ json: await json(...given) });
const phone = "+254712000345";
const name = "WANGARI ODERO";

const traces = tracesOf({ phone, names: [name] });
const expectNothingOf = (text: string) => expect(traces.filter(each => text.includes(each))).toEqual([]);

const confirmation = {
  TransactionType: "Pay Bill",
  TransID: receiptOf(901),
  TransTime: "20251018233026",
  TransAmount: "50.00",
  BusinessShortCode: "600638",
  BillRefNumber: "rent",
  MSISDN: "254712000345",
  FirstName: "WANGARI",
  LastName: "ODERO",
};

async function listed(query: string) {
  const got = await api(on.hakika, "GET", `/v1/transactions?${query}`);
  return (got.json as unknown as { data: { id: string; amount: string; status: string; phone: string | null }[] }).data;
}

test("a person's data is sealed, found by phone and name, exported, and erased without a trace", async () => {
  const { connection } = on.shop;
  const urls = connection.callback_urls as Record<string, string>;
  const registration = { ...stkRegistration(connection.id, "ws_CO_personal"), phone: "0712000345", metadata: { name } };
  await api(on.hakika, "POST", "/v1/transactions", registration);
  await request("POST", urls["c2b/confirmation"]!, confirmation);
  await request("POST", urls.stk!, stkPaid("ws_CO_personal", receiptOf(902)));
  await expectAtRest(on.database.sql);
  expectNothingOf(await dump(on.database.sql));

  const [c2b] = await listed("party_name=wang");
  expect(c2b).toMatchObject({ phone, amount: "50.00", status: "completed" });
  expect(await listed("party_name=odero")).toEqual([]);
  await expect(api(on.hakika, "GET", "/v1/transactions?party_name=wa")).rejects.toThrow("422");
  const ids = (await listed("phone=0712000345")).map(t => t.id);
  expect(ids).toHaveLength(2);
  expect((await listed("phone=%2B254712000345")).map(t => t.id)).toEqual(ids);

  const exported = (await api(on.hakika, "POST", "/v1/privacy/export", { phone: "0712000345" }))
    .json as never as Record<string, { id: string }[]>;
  expect(exported.transactions!.map(t => t.id).sort()).toEqual([...ids].sort());
  expect(JSON.stringify(exported.callbacks)).toContain("WANGARI");

  const erased = await api(on.hakika, "POST", "/v1/privacy/erase", { phone: "254712000345" });
  expect(erased.json).toMatchObject({ transactions: 2, phone_masked: "+2547*****345" });
  expectNothingOf(await dump(on.database.sql));
  const after = await Promise.all(ids.map(id => api(on.hakika, "GET", `/v1/transactions/${id}`)));
  const events = await api(on.hakika, "GET", "/v1/events");
  const again = await api(on.hakika, "POST", "/v1/privacy/export", { phone });
  expectNothingOf(JSON.stringify([after.map(each => each.json), events.json]));
  expect(after.map(each => (each.json as { amount?: string }).amount)).toEqual(["50.00", "50.00"]);
  expect(after.map(each => (each.json as { status?: string }).status)).toEqual(["completed", "completed"]);
  expectNothingOf(JSON.stringify((again.json as { callbacks?: unknown }).callbacks));
  const audit = JSON.stringify((await api(on.hakika, "GET", "/v1/audit")).json);
  expect(audit).toContain("person.erased");
  expectNothingOf(audit);
});

test("a merchant's key and a viewer may neither export nor erase", async () => {
  const { json: viewer } = await api(on.hakika, "POST", "/v1/operators", { name: "Auma", role: "viewer" });
  const { json: own } = await api(on.hakika, "POST", `/v1/merchants/${on.shop.merchantId}/api-keys`, { name: "own" });
  for (const { key } of [own, viewer]) {
    for (const call of ["export", "erase"]) {
      const url = `${on.hakika.url}/v1/privacy/${call}`;
      expect((await request("POST", url, { phone }, { authorization: `Bearer ${key}` })).status).toBe(403);
    }
  }
});

test("rows from before are sealed, and erased by age once they finished so long ago", async () => {
  const { sql } = on.database;
  await unlockFor(sql, testSecretKey);
  const { connection } = on.shop;
  await request("POST", (connection.callback_urls as Record<string, string>)["c2b/confirmation"]!, {
    ...confirmation,
    TransID: receiptOf(903),
  });
  await expectAtRest(sql);
  const [found] = await listed("party_name=wangari");
  const id = parseId("transaction", found!.id)!;
  await sql`update transactions set sealed = null, has_phone = false, name_hashes = null, phone = ${phone},
    party_name = ${name} where id = ${id}`;
  await sql`update events set sealed = null, body = ${JSON.stringify({ data: { transaction: { phone } } })}
    where transaction_id = ${id}`;
  const deps = {
    sql,
    phones: phoneHasher(Buffer.alloc(32)),
    now: () => new Date(),
    signal: new AbortController().signal,
  };
  // The program seals too, so how many rows were left is chance.
  await sealOldRows(deps, { isStart: true });
  expectNothingOf(await dump(on.database.sql));
  expect((await listed("party_name=wangari")).map(t => t.phone)).toEqual([phone]);

  expect(await erasePastDays(deps, 1)).toBe(0);
  await sql`update transactions set created_at = now() - interval '3 days', updated_at = now() - interval '2 days'
    where id = ${id}`;
  expect(await erasePastDays(deps, 1)).toBe(1);
  expect(await erasePastDays(deps, 1)).toBe(0);
  expect((await api(on.hakika, "GET", `/v1/transactions/${found!.id}`)).json).toMatchObject({
    phone: null,
    party_name: null,
    amount: "50.00",
    status: "completed",
  });
});
