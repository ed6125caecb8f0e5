import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedKodipay, simulateKodipay } from "../../src/providers/kodipay/simulator/server.ts";
import { type Answer, adminKey, api, newConnection, request } from "../support/hakika.ts";
import { shopBundle } from "../support/shop-bundle.ts";

const bundle = shopBundle();
let kodipay: SimulatedKodipay;
let connectionId: string;
let reference: string;
let count = 0;

beforeEach(async () => {
  kodipay = await simulateKodipay();
  connectionId = await connect({});
  count += 1;
  reference = `ORDER-${count}`;
});
afterEach(() => kodipay.close());

async function connect(settings: object): Promise<string> {
  const { hakika, shop } = bundle;
  const made = await newConnection(hakika, shop.merchantId, {
    provider: "kodipay",
    credentials: { client_id: "client", client_secret: "client-secret" },
    base_url: kodipay.url,
    settings,
  });
  return made.id;
}

const order = (more: object = {}) => ({
  connection_id: connectionId,
  amount: "10.00",
  currency: "USD",
  phone: "+243891234567",
  reference,
  ...more,
});

function pay(key: string | null, more: object = {}, auth = adminKey): Promise<Answer> {
  return request("POST", `${bundle.hakika.url}/v1/payments`, order(more), {
    authorization: `Bearer ${auth}`,
    ...(key !== null && { "idempotency-key": key }),
  });
}

/** The event of this type about a transaction, once the merchant has it. */
async function told(id: string, type: string) {
  const isIt = (event: { type: string; data: { transaction?: { id: string } } }) =>
    event.type === type && event.data.transaction?.id === id;
  return (await bundle.shop.merchant.until(events => events.some(isIt))).find(isIt)!;
}

const transaction = (id: string) => api(bundle.hakika, "GET", `/v1/transactions/${id}`);

test("a payment is registered, sent once, accepted, and settled by its callback", async () => {
  const { status, json } = await pay(`key-${reference}`);
  expect([status, json.status, json.registered]).toEqual([201, "pending", true]);
  expect(json.start).toMatchObject({ state: "accepted", attempts: 1 });
  const [taken] = kodipay.starts.taken;
  expect(taken!.body).toMatchObject({ amount: "10.00", currency: "USD", reference, walletID: "243891234567" });
  expect(json.provider_refs).toEqual({ order_number: taken!.id });
  const callback = { orderNumber: taken!.id, reference, status: "completed", amount: "10.00", currency: "USD" };
  await request("POST", String(taken!.body.callback_url), callback);
  const event = await told(json.id, "payment.completed");
  expect(event.data.transaction).toMatchObject({ status: "completed", start: { state: "accepted" } });
});

test("with the callback lost a poll settles it", async () => {
  const { json } = await pay(`key-${reference}`);
  kodipay.ledger.settle(json.provider_refs.order_number, "completed");
  const polled = await api(bundle.hakika, "POST", `/v1/transactions/${json.id}/poll`);
  expect(polled).toMatchObject({ status: "completed", status_source: "poll" });
});

test("an Idempotency-Key is required, and checked before anything is sent", async () => {
  const without = await pay(null);
  expect([without.status, without.json.type]).toEqual([400, "idempotency-key-required"]);
  expect((await pay("not visible: é")).status).toBe(422);
  expect(kodipay.starts.taken).toEqual([]);
});

test("the same key and body answer with the same transaction, as it is by then", async () => {
  const first = await pay(`key-${reference}`);
  kodipay.ledger.settle(first.json.provider_refs.order_number, "completed");
  await api(bundle.hakika, "POST", `/v1/transactions/${first.json.id}/poll`);
  const second = await pay(`key-${reference}`);
  expect([second.status, second.json.id, second.json.status]).toEqual([201, first.json.id, "completed"]);
  const other = await pay(`key-${reference}`, { amount: "11.00" });
  expect([other.status, other.json.errors[0].path]).toEqual([422, "Idempotency-Key"]);
  expect(kodipay.starts.taken).toHaveLength(1);
});

test("a refused order is failed, with its event, and the provider's own words", async () => {
  kodipay.starts.faults.push({
    do: "refuse",
    reply: { status: 422, body: { code: "E42", message: "No such wallet" } },
  });
  const { status, json } = await pay(`key-${reference}`);
  expect([status, json.status]).toEqual([201, "failed"]);
  expect(json.start).toMatchObject({ state: "refused", provider_message: "code E42: No such wallet" });
  expect(json.result).toEqual({ code: "E42", description: "code E42: No such wallet" });
  await told(json.id, "payment.failed");
});

test.each([
  ["a lost answer", { do: "lose-answer" }],
  ["a server's error after the order was taken", { do: "take-and-fail", status: 502 }],
] as const)("%s is unknown: it is never sent again, and its callback settles it", async (_, fault) => {
  kodipay.starts.faults.push(fault);
  const { status, json } = await pay(`key-${reference}`);
  expect([status, json.status, json.start.state]).toEqual([202, "pending", "unknown"]);
  const again = await pay(`key-${reference}`);
  expect([again.status, again.json.id]).toEqual([202, json.id]);
  expect(kodipay.starts.taken).toHaveLength(1);
  const [taken] = kodipay.starts.taken;
  // A reference alone is no match: the callback's word is confirmed by a poll.
  kodipay.ledger.settle(taken!.id, "completed");
  const callback = { orderNumber: taken!.id, reference, status: "completed", amount: "10.00", currency: "USD" };
  await request("POST", String(taken!.body.callback_url), callback);
  await told(json.id, "payment.completed");
});

test("a double tap with one key sends one order, and both calls answer with its transaction", async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => pay(`key-${reference}`)));
  expect(kodipay.starts.taken).toHaveLength(1);
  const named = answers.filter(({ status }) => status < 300);
  expect(new Set(named.map(({ json }) => json.id)).size).toBe(1);
  for (const { status } of answers) expect([201, 202, 409]).toContain(status);
});

test("of two keys for one reference one is refused, unless it is to be started again", async () => {
  const answers = await Promise.all(["a", "b", "c"].map(key => pay(`${key}-${reference}`)));
  const refused = answers.filter(({ status }) => status === 409);
  expect(refused.map(({ json }) => json.type)).toEqual(["already-started", "already-started"]);
  expect(kodipay.starts.taken).toHaveLength(1);
  const again = await pay(`d-${reference}`, { again: true });
  expect(again.status).toBe(201);
  const first = answers.find(({ status }) => status === 201)!;
  expect(again.json.id).not.toBe(first.json.id);
  expect(again.json.provider_refs).not.toEqual(first.json.provider_refs);
  expect(kodipay.starts.taken).toHaveLength(2);
});

test("a refused access token is no answer: a new one, once", async () => {
  await pay(`warm-${reference}`);
  kodipay.tokens.invalidate();
  reference = `${reference}-2`;
  const { status, json } = await pay(`key-${reference}`);
  expect([status, json.start.state]).toEqual([201, "accepted"]);
  expect(kodipay.starts.taken).toHaveLength(2);
});

test("without an access token nothing is sent, and the start is refused", async () => {
  kodipay.tokens.instead.push(...Array.from({ length: 10 }, () => ({ status: 503, body: "" })));
  const { status, json } = await pay(`key-${reference}`);
  expect([status, json.start.state]).toEqual([201, "refused"]);
  expect(json.start.provider_message).toMatch(/^nothing was sent/);
  expect(kodipay.starts.taken).toEqual([]);
});

test.each([
  [{ kind: "stk_push" }, "kind"],
  [{ options: { colour: "blue" } }, "options.colour"],
  [{ amount: undefined }, "amount"],
  [{ phone: "12" }, "phone"],
  [{ reference: "" }, "reference"],
  [{ surprise: 1 }, "surprise"],
])("what the provider cannot take is refused before anything leaves: %j", async (more, path) => {
  const { status, json } = await pay(`key-${reference}`, more);
  expect([status, json.errors?.[0]?.path]).toEqual([422, path]);
  expect((await pay(`key-${reference}`)).status).toBe(201);
});

test("a key without the scope start is refused", async () => {
  const path = `/v1/merchants/${bundle.shop.merchantId}/api-keys`;
  const { key } = await api(bundle.hakika, "POST", path, { name: "till", scopes: ["read", "register"] });
  const { status, json } = await pay(`key-${reference}`, {}, key);
  expect([status, json.type]).toEqual([403, "missing-scope"]);
});

test("the timeline shows the registration, with who started it", async () => {
  const { json } = await pay(`key-${reference}`);
  const { timeline } = await transaction(json.id);
  expect(timeline.map((entry: { type: string }) => entry.type)).toContain("start");
});
