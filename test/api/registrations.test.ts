import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SettleItem } from "../../src/settle/item.ts";
import { type Called, type Json, startApi, type TestApi } from "./harness.ts";

let api: TestApi;
let merchant: { id: string; key: string; keyId: string };
const connectionOf: Record<string, string> = {};
const items: SettleItem[] = [];

beforeAll(async () => {
  api = await startApi();
  const { settler } = api.deps;
  api.deps.settler = {
    settle(shard, item) {
      items.push(item);
      return settler.settle(shard, item);
    },
  };
  merchant = await api.newMerchant();
  for (const provider of api.deps.providers.keys()) {
    const body = { provider, environment: "sandbox" };
    connectionOf[provider] = (await api.call("POST", "/v1/connections", { key: merchant.key, body })).json.id;
  }
});
afterAll(() => api.close());

const register = (body: object, provider = "daraja", key: string | undefined = merchant.key) =>
  api.call("POST", "/v1/transactions", {
    key,
    body: { connection_id: connectionOf[provider], kind: "stk_push", ...body },
  });
const get = (id: string) => api.call("GET", `/v1/transactions/${id}`, { key: merchant.key });
const errorsOf = (called: Called) => called.json.errors?.map(({ path }: { path: string }) => path);

describe("ids that are none", () => {
  it("regression: are refused, so that two refused sends do not become one transaction", async () => {
    const none = [
      "None",
      "none",
      "NULL",
      "null",
      "undefined",
      "nil",
      "NaN",
      "N/A",
      "n/a",
      "0",
      "0000000000",
      " None ",
      "",
    ];
    const before = items.length;
    for (const value of none) {
      const daraja = await register({ provider_refs: { checkout_request_id: value } });
      expect([daraja.status, errorsOf(daraja)], value).toEqual([422, ["provider_refs.checkout_request_id"]]);
      const airtime = await register(
        { kind: "airtime", reference: "AIR-1", provider_refs: { request_id: value } },
        "africastalking",
      );
      expect([airtime.status, errorsOf(airtime)], value).toEqual([422, ["provider_refs.request_id"]]);
    }
    expect(items).toHaveLength(before);
    const said = await register({ provider_refs: { checkout_request_id: "None" } });
    expect(said.json.detail).toContain('has given none where it says "None"');
  });

  it("are those that a provider names too, in any letter case", async () => {
    const providers = new Map(api.deps.providers);
    const daraja = api.deps.providers.get("daraja")!;
    const other = await startApi({ providers: providers.set("daraja", { ...daraja, placeholderRefs: ["Pending"] }) });
    try {
      const { key } = await other.newMerchant();
      const connection = { provider: "daraja", environment: "sandbox" };
      const { json } = await other.call("POST", "/v1/connections", { key, body: connection });
      const body = { connection_id: json.id, kind: "stk_push", provider_refs: { receipt: "PENDING" } };
      expect(errorsOf(await other.call("POST", "/v1/transactions", { key, body }))).toEqual(["provider_refs.receipt"]);
    } finally {
      await other.close();
    }
  });

  it("are not what only looks like them", async () => {
    for (const value of ["NONE1", "000000X", "0722000000", "nullable"]) {
      expect((await register({ provider_refs: { checkout_request_id: value } })).status, value).toBe(201);
    }
  });
});

describe("fields", () => {
  it("that are null count as left out, ids among them", async () => {
    const nothing = { amount: null, currency: null, phone: null, expires_at: null, metadata: null, amend: null };
    const called = await register({
      reference: "NULLS-1",
      ...nothing,
      provider_refs: { checkout_request_id: "ws_CO_nulls_1", merchant_request_id: null },
    });
    expect(called.status).toBe(201);
    expect(called.json).toMatchObject({ provider_refs: { checkout_request_id: "ws_CO_nulls_1" }, metadata: {} });
    expect((await register({ reference: "NULLS-2", provider_refs: null })).status).toBe(201);
    expect(errorsOf(await register({ reference: null, provider_refs: { receipt: null } }))).toEqual(["provider_refs"]);
    expect(errorsOf(await register({ reference: "NULLS-3", kind: null }))).toEqual(["kind"]);
  });

  it("with unknown names are refused, null or not", async () => {
    for (const value of [null, 1, {}])
      expect(errorsOf(await register({ reference: "x", ref: value }))).toEqual(["ref"]);
    expect(errorsOf(await register({ reference: "x", provider_refs: { order: null } }))).toEqual([
      "provider_refs.order",
    ]);
    expect(errorsOf(await register({ reference: "x", amend: "yes" }))).toEqual(["amend"]);
  });

  it("of provider_refs in another spelling are told which is meant", async () => {
    for (const [name, meant] of [
      ["CheckoutRequestID", "checkout_request_id"],
      ["checkoutRequestId", "checkout_request_id"],
      ["OriginatorConversationID", "originator_conversation_id"],
      ["transaction-ref", "transaction_ref"],
    ] as const) {
      const called = await register({ provider_refs: { [name]: "x1" }, reference: "SPELT" });
      expect(errorsOf(called)).toEqual([`provider_refs.${name}`]);
      expect(called.json.errors[0].message).toBe(`is not a field here: did you mean ${meant}?`);
    }
    const unknown = await register({ provider_refs: { order: "x1" }, reference: "SPELT" });
    expect(unknown.json.errors[0].message).toContain("there are checkout_request_id, ");
  });
});

describe("a registration", () => {
  it("is settled with who sent it, and whether it may amend", async () => {
    await register({ reference: "BY-1" });
    expect(items.at(-1)).toMatchObject({ by: { kind: "key", id: merchant.keyId, name: "main" }, amend: false });
    await api.call("POST", "/v1/transactions", {
      body: { connection_id: connectionOf.daraja, kind: "stk_push", reference: "BY-2", amend: true },
    });
    expect(items.at(-1)).toMatchObject({ by: { kind: "admin", id: null, name: null }, amend: true });
  });

  it("regression: that says something else is 409 and changes nothing, unless it amends an unfinished one", async () => {
    const refs = { provider_refs: { checkout_request_id: "ws_CO_differs" } };
    const first = await register({ ...refs, reference: "DIFF-1", amount: "5000", phone: "+254700000001" });
    const { id } = first.json;
    const other = { ...refs, reference: "DIFF-2", amount: "1", phone: "+254700000002" };
    const refused = await register(other);
    expect([refused.status, refused.json.type, refused.json.title]).toEqual([409, "registration-differs", "Conflict"]);
    expect(refused.json).toMatchObject({
      transaction_id: id,
      fields: ["amount", "reference", "phone"],
      finished: false,
    });
    expect(refused.json.detail).toContain(`${id} is registered with another amount, reference and phone. Nothing was`);
    expect(refused.json.detail).toContain('"amend": true');
    expect(refused.text).not.toMatch(/5000|254700/);
    expect((await get(id)).json).toMatchObject({ amount: "5000.00", reference: "DIFF-1", phone: "+254700000001" });

    const same = await register({ ...refs, reference: "DIFF-1", amount: "5000.00" });
    expect([same.status, same.json.id]).toEqual([200, id]);
    const amended = await register({ ...other, amend: true });
    expect([amended.status, amended.json]).toMatchObject([200, { id, amount: "1.00", reference: "DIFF-2" }]);
    const { timeline } = (await get(id)).json;
    expect(timeline).toMatchObject([
      { type: "registration", by: { name: "main" }, amount: "5000.00", reference: "DIFF-1", amended_from: null },
      { type: "registration", amount: "1.00", amended_from: { amount: "5000.00", reference: "DIFF-1" } },
    ]);
    const audit = await api.call("GET", `/v1/audit?subject=${id}`, { key: merchant.key });
    expect(audit.json.data).toMatchObject([
      {
        action: "transaction.amended",
        actor: { kind: "key", id: merchant.keyId, name: "main" },
        before: { amount: "5000.00", currency: "KES", reference: "DIFF-1" },
        after: { amount: "1.00", currency: "KES", reference: "DIFF-2" },
      },
    ]);
    expect(audit.text).not.toContain("25470000000");
  });

  it("regression: that amends is audited once each, however many come at once", async () => {
    const numbers = Array.from({ length: 12 }, (_, at) => at);
    const send = (amount: string, amend: boolean) =>
      Promise.all(
        numbers.map(at => register({ provider_refs: { checkout_request_id: `ws_CO_once_${at}` }, amount, amend })),
      );
    const ids = (await send("10", false)).map(({ json }) => json.id);
    expect((await send("20", true)).map(({ status }) => status)).toEqual(numbers.map(() => 200));
    const audits = await Promise.all(ids.map(id => api.call("GET", `/v1/audit?subject=${id}`, { key: merchant.key })));
    expect(audits.map(({ json }) => json.data.map(({ action }: Json) => action))).toEqual(
      numbers.map(() => ["transaction.amended"]),
    );
  });

  it("of a finished transaction is 409 that says so, amended or not", async () => {
    const body = { provider_refs: { checkout_request_id: "ws_CO_finished" }, amount: "50" };
    const { id } = (await register(body)).json;
    await api.call("POST", `/v1/transactions/${id}/resolve`, { body: { status: "failed", note: "Cancelled." } });
    for (const amend of [false, true]) {
      const refused = await register({ ...body, amount: "70", amend });
      expect(refused.json).toMatchObject({ status: 409, fields: ["amount"], finished: true, transaction_id: id });
      expect(refused.json.detail).toContain("That transaction is finished");
      expect(refused.json.detail).not.toContain("amend");
    }
    expect((await register(body)).status).toBe(200);
  });
});
