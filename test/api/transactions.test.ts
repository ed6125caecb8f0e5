import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseId } from "../../src/domain/ids.ts";
import { transactionJson } from "../../src/domain/transaction-json.ts";
import type { EgressResult } from "../../src/egress/exchange.ts";
import { answer, type Called, type Json, startApi, type TestApi, timeout } from "./harness.ts";
import { seeder } from "./seed.ts";

let api: TestApi;
let seed: ReturnType<typeof seeder>;
let merchant: { id: string; key: string };
const connectionOf: Record<string, string> = {};
/** What Daraja's calls need, so that its transactions can be polled. */
const credentials = { consumer_key: "ck", consumer_secret: "cs", shortcode: "174379", passkey: "pk" };

beforeAll(async () => {
  api = await startApi();
  seed = seeder(api.sql);
  merchant = await api.newMerchant();
  for (const provider of api.deps.providers.keys()) connectionOf[provider] = await connect(merchant.key, provider);
  await api.call("PATCH", `/v1/connections/${connectionOf.daraja}`, { body: { credentials } });
});
afterAll(() => api.close());

async function connect(key: string, provider = "daraja"): Promise<string> {
  const { json } = await api.call("POST", "/v1/connections", { key, body: { provider, environment: "sandbox" } });
  return json.id;
}
const register = (body: object, provider = "daraja") =>
  api.call("POST", "/v1/transactions", {
    key: merchant.key,
    body: { connection_id: connectionOf[provider], kind: "stk_push", ...body },
  });
const errorsOf = (called: Called) => called.json.errors?.map(({ path }: { path: string }) => path);
const owner = () => ({ merchantId: merchant.id, connectionId: connectionOf.daraja! });
const get = (id: string, key = merchant.key) => api.call("GET", `/v1/transactions/${id}`, { key });

const registered = async () => Number((await api.sql`select count(*) as n from transactions`)[0]!.n);

describe("registering", () => {
  it("stores money in minor units, the full phone and any metadata, and returns the transaction", async () => {
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    const called = await register({
      provider_refs: { checkout_request_id: "ws_CO_1", merchant_request_id: "m-1" },
      reference: " ORDER-1 ",
      amount: "50",
      phone: "0700 000 001",
      expires_at: expires,
      metadata: { basket: "17", size: 3, lines: [{ sku: "a" }] },
    });
    expect(called.status).toBe(201);
    const [row] = await api.sql`
      select amount, currency, phone, reference, provider_refs, metadata, expires_at from transactions
      where id = ${parseId("transaction", called.json.id)!}`;
    expect(row).toEqual({
      amount: 5000n,
      currency: "KES",
      phone: null,
      reference: "ORDER-1",
      provider_refs: { checkout_request_id: "ws_CO_1", merchant_request_id: "m-1" },
      metadata: {},
      expires_at: new Date(expires),
    });
    expect(Object.keys(called.json)).toEqual(Object.keys(transactionJson(example)));
    expect(called.json).toMatchObject({ amount: "50.00", currency: "KES", reference: "ORDER-1", direction: "in" });
    expect(called.json.phone).toBe("+254700000001");
    expect(called.json.metadata).toEqual({ basket: "17", size: 3, lines: [{ sku: "a" }] });
  });

  it("responds with 200 where the provider's reference was known", async () => {
    const body = { provider_refs: { receipt: "TJI0000001" } };
    const first = await register(body);
    const second = await register(body);
    expect([first.status, second.status, second.json.id]).toEqual([201, 200, first.json.id]);
  });

  it("accepts a reference alone, and null for absent fields", async () => {
    const nothing = { amount: null, currency: null, phone: null, expires_at: null };
    expect((await register({ reference: "ORDER-2", provider_refs: {}, ...nothing })).status).toBe(201);
    const other = await register({ reference: "ORDER-20" });
    expect(other.json).toMatchObject({ provider_refs: {}, amount: null, phone: null });
  });

  it("presumes shillings only at providers without another currency", async () => {
    const amount = "100.5";
    expect((await register({ reference: "a", amount })).json).toMatchObject({ amount: "100.50", currency: "KES" });
    expect((await register({ reference: "b", amount, kind: "bill" }, "kyanda")).status).toBe(201);
    const without = await register({ reference: "c", amount, kind: "checkout" }, "kodipay");
    expect([without.status, errorsOf(without)]).toEqual([422, ["currency"]]);
    const dollars = await register({ reference: "d", amount, currency: "usd", kind: "checkout" }, "kodipay");
    expect([dollars.status, dollars.json.currency]).toEqual([201, "USD"]);
    const shillings = await register(
      { reference: "e", amount: "1500", currency: "UGX", kind: "airtime" },
      "africastalking",
    );
    expect(shillings.json).toMatchObject({ amount: "1500", currency: "UGX" });
  });

  it("names every field that is wrong", async () => {
    const ref = { reference: "ORDER-3" };
    const big = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`n${i}`, "v"]));
    const cases: [object, string][] = [
      [{}, "provider_refs"],
      [{ provider_refs: { merchant_request_id: "m-1" } }, "provider_refs"],
      [{ ...ref, provider_refs: { order: "x" } }, "provider_refs.order"],
      [{ provider_refs: { receipt: "" } }, "provider_refs.receipt"],
      [{ provider_refs: { receipt: 5 } }, "provider_refs.receipt"],
      [{ reference: "x".repeat(201) }, "reference"],
      [{ ...ref, kind: "airtime" }, "kind"],
      [{ ...ref, kind: "gift" }, "kind"],
      [{ ...ref, amount: "ten" }, "amount"],
      [{ ...ref, amount: "-5" }, "amount"],
      [{ ...ref, amount: "0" }, "amount"],
      [{ ...ref, amount: "1.234" }, "amount"],
      [{ ...ref, amount: true }, "amount"],
      [{ ...ref, amount: "5", currency: "XX" }, "currency"],
      [{ ...ref, phone: "12" }, "phone"],
      [{ ...ref, phone: "254708***430" }, "phone"],
      [{ ...ref, expires_at: "2020-01-01T00:00:00Z" }, "expires_at"],
      [{ ...ref, expires_at: "tomorrow" }, "expires_at"],
      [{ ...ref, metadata: big }, "metadata"],
      [{ ...ref, metadata: { note: "x".repeat(17_000) } }, "metadata"],
      [{ ...ref, metadata: [] }, "metadata"],
      [{ ...ref, status: "completed" }, "status"],
      [{ ...ref, connection_id: "con_1" }, "connection_id"],
    ];
    const before = await registered();
    for (const [body, path] of cases) {
      const called = await register(body);
      expect([called.status, errorsOf(called)], JSON.stringify(body).slice(0, 200)).toEqual([422, [path]]);
    }
    expect(await registered()).toBe(before);
    const said = await register({ provider_refs: { merchant_request_id: "m-1" } });
    expect(said.json.detail).toContain("checkout_request_id");
  });

  it("never repeats a phone in a refusal", async () => {
    expect((await register({ reference: "x", phone: "+25470000000199" })).text).not.toContain("25470000000199");
  });

  it("responds with 404 for another merchant's and for a deleted connection", async () => {
    const other = await api.newMerchant();
    const foreign = await connect(other.key);
    expect((await register({ connection_id: foreign, reference: "x" })).status).toBe(404);
    await api.call("DELETE", `/v1/connections/${foreign}`, { key: other.key });
    const deleted = await api.call("POST", "/v1/transactions", {
      key: other.key,
      body: { connection_id: foreign, kind: "stk_push", reference: "x" },
    });
    expect(deleted.status).toBe(404);
    const admin = await api.call("POST", "/v1/transactions", {
      body: { connection_id: connectionOf.daraja, kind: "stk_push", reference: "by the admin" },
    });
    expect([admin.status, admin.json.merchant_id]).toEqual([201, merchant.id]);
  });
});

describe("one transaction", () => {
  it("shows evidence, decisions and events, oldest first", async () => {
    const at = (seconds: number) => new Date(Date.UTC(2025, 9, 18, 20, 30, seconds));
    const id = await seed.transaction(owner(), {
      status: "completed",
      status_source: "callback",
      sequence: 1,
      version: 2,
    });
    await seed.evidence(id, {
      source: "callback",
      strength: "hint",
      says: "completed",
      at: at(26),
      finding: {
        kind: "stk_push",
        refs: { receipt: "TJI0000009" },
        amount: { minor: "5000", currency: "KES" },
        result: { code: "0", description: "ok" },
      },
    });
    await seed.evidence(id, {
      source: "operator",
      strength: "operator",
      says: "completed",
      at: at(20),
      finding: { kind: "stk_push", refs: {}, note: "seen" },
    });
    const { timeline: _, ...shown } = (await get(id)).json;
    const eventId = await seed.event(merchant.id, {
      type: "payment.completed",
      transactionId: id,
      sequence: 1,
      data: { transaction: shown, previous_status: "pending", sequence: 1, correction: false },
    });
    const { json: endpoint } = await api.call("POST", "/v1/endpoints", {
      key: merchant.key,
      body: { url: "https://a.example" },
    });
    const deliveryId = await seed.delivery(
      { merchantId: merchant.id, endpointId: endpoint.id, eventId },
      { state: "delivered", attempts: 2 },
    );

    const { json } = await get(id);
    expect(json.timeline).toEqual([
      expect.objectContaining({
        type: "evidence",
        at: at(20).toISOString(),
        source: "operator",
        note: "seen",
        amount: null,
      }),
      {
        type: "evidence",
        at: at(26).toISOString(),
        source: "callback",
        strength: "hint",
        says: "completed",
        callback_id: null,
        provider_refs: { receipt: "TJI0000009" },
        amount: "50.00",
        currency: "KES",
        result: { code: "0", description: "ok" },
        detail: null,
        related: [],
        note: null,
      },
      expect.objectContaining({ type: "decision", status: "completed", previous_status: "pending", version: 2 }),
      expect.objectContaining({
        type: "event",
        event_id: eventId,
        event_type: "payment.completed",
        sequence: 1,
        deliveries: [{ id: deliveryId, endpoint_id: endpoint.id, state: "delivered", attempt_count: 2 }],
      }),
    ]);
  });

  it("that was merged returns the one that it was merged into", async () => {
    const survivor = await seed.transaction(owner());
    const middle = await seed.transaction(owner(), { merged_into: parseId("transaction", survivor) });
    const first = await seed.transaction(owner(), { merged_into: parseId("transaction", middle) });
    for (const id of [first, middle, survivor]) expect((await get(id)).json.id).toBe(survivor);
    const { json } = await api.call("GET", "/v1/transactions?limit=200", { key: merchant.key });
    const ids = json.data.map(({ id }: Json) => id);
    expect([ids.includes(survivor), ids.includes(middle), ids.includes(first)]).toEqual([true, false, false]);
  });
});

describe("the list", () => {
  it("filters by everything the contract names", async () => {
    const other = await api.newMerchant();
    const [a, b] = [await connect(other.key), await connect(other.key, "kyanda")];
    const own = (connectionId: string) => ({ merchantId: other.id, connectionId });
    const review = { reason: "conflict", since: "2025-10-18T20:30:26.000Z", detail: "x" };
    const completed = await seed.transaction(own(a), {
      status: "completed",
      reference: "Order 7",
      provider_refs: { receipt: "TJI1" },
    });
    const bill = await seed.transaction(own(b), {
      provider: "kyanda",
      kind: "bill",
      review,
      provider_refs: { transaction_ref: "KY1" },
    });
    const old = await seed.transaction(own(a), { status: "failed", created_at: new Date(Date.now() - 1_800_000) });
    const list = async (query: string) => {
      const { status, json } = await api.call("GET", `/v1/transactions?${query}`, { key: other.key });
      expect(status, query).toBe(200);
      return json.data.map(({ id }: Json) => id);
    };
    const soon = encodeURIComponent(new Date(Date.now() - 600_000).toISOString());
    expect(await list("")).toEqual([old, bill, completed]);
    expect(await list("status=completed")).toEqual([completed]);
    expect(await list("provider=kyanda")).toEqual([bill]);
    expect(await list("kind=bill")).toEqual([bill]);
    expect(await list("environment=sandbox")).toEqual([old, bill, completed]);
    expect(await list("environment=production")).toEqual([]);
    expect(await list(`connection_id=${b}`)).toEqual([bill]);
    expect(await list("reference=%20order%207")).toEqual([completed]);
    expect(await list(`reference=Order%207&connection_id=${a}`)).toEqual([completed]);
    expect(await list(`reference=Order%207&connection_id=${b}`)).toEqual([]);
    expect(await list("reference=Order")).toEqual([]);
    expect(await list("provider_ref=KY1")).toEqual([bill]);
    expect(await list("provider_ref=KY")).toEqual([]);
    expect(await list("review=true")).toEqual([bill]);
    expect(await list("review=false")).toEqual([old, completed]);
    expect(await list("review=conflict")).toEqual([bill]);
    expect(await list("review=unresolved")).toEqual([]);
    expect(await list(`created_after=${soon}`)).toEqual([bill, completed]);
    expect(await list(`created_before=${soon}`)).toEqual([old]);
    expect(await list("status=failed&review=true")).toEqual([]);
    const admin = await api.call("GET", "/v1/transactions?reference=order%207");
    expect(admin.json.data.map(({ id }: Json) => id)).toEqual([completed]);
  });

  it("refuses unknown filters", async () => {
    for (const query of ["status=done", "kind=x", "review=maybe", "connection_id=x", "created_after=2025", "phone=1"]) {
      expect((await api.call("GET", `/v1/transactions?${query}`)).status, query).toBe(422);
    }
  });

  it("shows nothing of another merchant's connection", async () => {
    const other = await api.newMerchant();
    const { status, json } = await api.call("GET", `/v1/transactions?connection_id=${connectionOf.daraja}`, {
      key: other.key,
    });
    expect([status, json.data]).toEqual([200, []]);
  });
});

describe("polling by hand", () => {
  const poll = (id: string) => api.call("POST", `/v1/transactions/${id}/poll`, { key: merchant.key });
  const pushed = async (checkoutId: string) =>
    (await register({ provider_refs: { checkout_request_id: checkoutId } })).json.id as string;
  const daraja = (result: EgressResult) => {
    api.network.answer = path =>
      path.startsWith("/oauth/") ? answer(200, { access_token: "t", expires_in: "3599" }) : result;
  };

  it("returns the transaction after the provider's answer", async () => {
    const id = await pushed("ws_CO_poll_1");
    daraja(
      answer(200, { ResponseCode: "0", ResultCode: "0", ResultDesc: "The service request is processed successfully." }),
    );
    const { status, json } = await poll(id);
    expect([status, json.id, json.status, json.status_source]).toEqual([200, id, "completed", "poll"]);
  });

  it("regression: a provider's refusal is 409 with its own code and words, and no answer 503", async () => {
    const id = await pushed("ws_CO_poll_refused");
    daraja(answer(400, { requestId: "1-1", errorCode: "400.002.02", errorMessage: "Bad Request - Invalid ShortCode" }));
    const refused = await poll(id);
    expect([refused.status, refused.json.detail]).toEqual([409, expect.stringContaining("400.002.02")]);
    expect(refused.json.detail).toContain("Invalid ShortCode");
    daraja(answer(500, {}));
    expect((await poll(id)).status).toBe(503);
  });

  it("says why the provider gave no answer", async () => {
    const sms = await seed.transaction(owner(), { kind: "sms" });
    expect((await poll(sms)).status).toBe(409);
    const hung = await pushed("ws_CO_poll_2");
    daraja(timeout);
    expect((await poll(hung)).status).toBe(503);
    const id = await pushed("ws_CO_poll_3");
    daraja(answer(429, {}, { "retry-after": "12" }));
    const throttled = await poll(id);
    expect([throttled.status, Number(throttled.headers.get("retry-after"))]).toEqual([429, 12]);
  });
});

describe("an operator's decision", () => {
  it("settles the transaction, and is audited with who decided and the note", async () => {
    const { id } = (await register({ reference: "ORDER-30" })).json;
    const body = { status: "completed", note: "On the statement." };
    const resolved = await api.call("POST", `/v1/transactions/${id}/resolve`, { body });
    expect([resolved.status, resolved.json.status, resolved.json.status_source]).toEqual([
      200,
      "completed",
      "operator",
    ]);
    const { timeline } = (await get(id)).json;
    expect(timeline).toContainEqual(expect.objectContaining({ source: "operator", note: "On the statement." }));
    const { json } = await api.call("GET", `/v1/audit?subject=${id}`, { key: merchant.key });
    expect(json.data).toEqual([
      expect.objectContaining({
        actor: { kind: "admin", id: "admin", name: "admin", address: "192.0.2.1" },
        action: "transaction.resolved",
        before: { status: "pending" },
        after: { status: "completed", note: "On the statement." },
      }),
    ]);
  });

  it("may say what was really paid, in the currency of the transaction or its connection", async () => {
    const resolve = (id: string, amount: unknown) =>
      api.call("POST", `/v1/transactions/${id}/resolve`, {
        key: merchant.key,
        body: { status: "completed", note: "On the statement.", amount },
      });
    const shillings = await seed.transaction(owner(), { amount: 1500n, currency: "UGX" });
    for (const amount of ["1.50", "ten", "-1", "0", true]) {
      const called = await resolve(shillings, amount);
      expect([called.status, errorsOf(called)], String(amount)).toEqual([422, ["amount"]]);
    }
    const { id } = (await register({ reference: "ORDER-31" })).json;
    const resolved = await resolve(id, "739.5");
    expect([resolved.status, resolved.json.amount, resolved.json.currency]).toEqual([200, "739.50", "KES"]);
    const { timeline } = (await get(id)).json;
    const decision = { source: "operator", amount: "739.50", currency: "KES", note: "On the statement." };
    expect(timeline).toContainEqual(expect.objectContaining(decision));
    const { json } = await api.call("GET", `/v1/audit?subject=${id}`, { key: merchant.key });
    expect(json.data[0].before).toEqual({ status: "pending" });
    expect(json.data[0].after).toEqual({
      status: "completed",
      note: "On the statement.",
      amount: "739.50",
      currency: "KES",
    });
    const unknown = (await register({ reference: "ORDER-32", kind: "checkout" }, "kodipay")).json;
    const called = await resolve(unknown.id, "5");
    expect([called.status, errorsOf(called)]).toEqual([422, ["amount"]]);
    expect((await resolve(unknown.id, null)).status).toBe(200);
  });

  it("requires a final status and a note", async () => {
    const id = await seed.transaction(owner());
    const cases = [
      [{ status: "pending", note: "x" }, "status"],
      [{ status: "unresolved", note: "x" }, "status"],
      [{ status: "failed" }, "note"],
      [{ status: "failed", note: "  " }, "note"],
    ] as const;
    for (const [body, path] of cases) {
      const called = await api.call("POST", `/v1/transactions/${id}/resolve`, { key: merchant.key, body });
      expect([called.status, errorsOf(called)]).toEqual([422, [path]]);
    }
  });
});

const example = {
  shard: 0,
  id: "0199f3b0-c4d1-7a3e-8f0a-1b2c3d4e5f60",
  merchantId: "0199f3b0-c4d1-7a3e-8f0a-1b2c3d4e5f60",
  connectionId: "0199f3b0-c4d1-7a3e-8f0a-1b2c3d4e5f60",
  provider: "daraja",
  environment: "sandbox",
  kind: "stk_push",
  status: "pending",
  statusSource: "registration",
  registered: true,
  version: 1,
  sequence: 0,
  reference: null,
  refs: {},
  amount: null,
  refundedMinor: 0n,
  phone: null,
  phoneMasked: null,
  phoneKey: null,
  partyName: null,
  result: null,
  review: null,
  details: {},
  metadata: {},
  registration: null,
  occurredAt: null,
  expiresAt: null,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  start: null,
  mergedInto: null,
} as const satisfies Parameters<typeof transactionJson>[0];
