import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  codianCallback,
  codianDelivery,
  type SimulatedCodian,
  simulateCodian,
} from "../../../src/providers/codian/simulator/server.ts";
import { postCallback } from "../../../src/simulator/post-callback.ts";
import type { StartFault } from "../../../src/simulator/starts.ts";
import { startBundle } from "../../start/start-bundle.ts";
import type { Json } from "../../support/hakika.ts";

const { call, connect, start, told, polled } = startBundle();
let codian: SimulatedCodian;
let connection: Json;
let n = 0;

beforeEach(async () => {
  codian = await simulateCodian();
  const credentials = { client_id: "client", client_secret: "client-secret", experimental_status: "on" };
  connection = await connect({ provider: "codian", credentials, base_url: codian.url });
  n += 1;
});
afterEach(() => codian.close());

const phone = "+254708374149";
const orders: Record<string, { path: string; family: string; body: Record<string, unknown>; sent: object }> = {
  stk_push: {
    ...{ path: "payments", family: "payment", body: { phone, amount: "50.00" } },
    sent: { phone: "254708374149", amount: 50 },
  },
  sms: {
    ...{ path: "messages", family: "message", body: { phone, description: "Your order is shipped" } },
    sent: { phone_number: "254708374149", message: "Your order is shipped" },
  },
  email: {
    ...{ path: "messages", family: "message" },
    body: { account: "Asha@example.com", options: { subject: "Order", body: "<p>Thanks</p>" } },
    sent: { recipient: "Asha@example.com", subject: "Order", body: "<p>Thanks</p>" },
  },
  airtime: {
    ...{ path: "airtime", family: "airtime", body: { phone, amount: "50.00" } },
    sent: { phone_number: "254708374149", amount: 50 },
  },
};

describe.each(Object.keys(orders))("%s", kind => {
  const { path, family, body, sent } = orders[kind]!;
  const order = () => ({ connection_id: connection.id, kind, reference: `${kind}-${n}`, ...body });

  async function finish() {
    const taken = codian.starts.taken[0]!;
    codian.ledger.settle(taken.id, "completed");
    const [channel, callback] =
      kind === "stk_push"
        ? (["payments", codianCallback(taken.id, codian.ledger.get(taken.id)!, "completed")] as const)
        : ([kind, codianDelivery(taken.id, taken.body, kind === "airtime" ? "completed" : "delivered")] as const);
    await postCallback(connection.callback_urls[channel], callback);
  }

  test("is accepted, and settled by its callback", async () => {
    const { status, json, text } = await start(path, order());
    expect([status, json.status, json.start?.state], text).toEqual([201, "pending", "accepted"]);
    expect(codian.starts.taken[0]!.body).toMatchObject(sent);
    await finish();
    const settled = await told(json.id, `${family}.completed`);
    expect(Object.values(settled.provider_refs)).toContain(codian.starts.taken[0]!.id);
  });

  test.each<[string, StartFault]>([
    ["a lost answer", { do: "lose-answer" }],
    ["a 500 after it was taken", { do: "take-and-fail", status: 500 }],
  ])("%s is unknown, is never sent again, and is settled by its callback", async (_, fault) => {
    codian.starts.faults.push(fault);
    const lost = order();
    const { status, json } = await start(path, lost, `lost-${kind}-${n}`);
    expect([status, json.start.state]).toEqual([202, "unknown"]);
    expect((await start(path, lost, `lost-${kind}-${n}`)).json.id).toBe(json.id);
    expect(codian.starts.taken).toHaveLength(1);
    await finish();
    await told(json.id, `${family}.completed`);
  });

  test("without success it is refused, with Codian's words", async () => {
    const reply = { status: 200, body: { success: false, error: "Invalid amount" } };
    codian.starts.faults.push({ do: "refuse", reply });
    const { json } = await start(path, order());
    expect([json.status, json.start.state]).toEqual(["failed", "refused"]);
    expect(json.start.provider_message).toContain("Invalid amount");
  });
});

test("a push is settled by a poll where the callback is lost", async () => {
  const order = { ...orders.stk_push!.body, connection_id: connection.id, kind: "stk_push", reference: `P-${n}` };
  const { json } = await start("payments", order);
  codian.ledger.settle(codian.starts.taken[0]!.id, "completed");
  expect(await polled(json.id, "completed")).toMatchObject({ status_source: "poll" });
});

test("a hosted checkout answers with a redirect; the push that came of it is attached by its reference", async () => {
  const options = { success_url: "https://shop.example/ok", failure_url: "https://shop.example/no" };
  const order = { connection_id: connection.id, kind: "checkout", reference: `C-${n}`, amount: "100.00", options };
  const { status, json } = await start("payments", order);
  expect([status, json.start.state, json.provider_refs]).toEqual([201, "accepted", {}]);
  const [taken] = codian.starts.taken;
  expect(json.start.redirect_url).toBe(`https://codian.co.ke/pay/${taken!.id}`);
  expect(taken!.body).toMatchObject({ ...options, amount: 100, transaction_desc: `C-${n}`, amount_readonly: 1 });
  const provider_refs = { checkout_request_id: `ws_CO_checkout_${n}` };
  const body = { connection_id: connection.id, kind: "checkout", reference: `C-${n}`, provider_refs };
  expect((await call("POST", "/v1/transactions", body)).id).toBe(json.id);
  const entry = { outcome: "completed", steps: [], amount: "100.00", phone: "254708374149", receipt: `TKCHECK${n}00` };
  const callback = codianCallback(provider_refs.checkout_request_id, entry as never, "completed");
  await postCallback(connection.callback_urls.payments, callback);
  expect(await told(json.id, "payment.completed")).toMatchObject({ kind: "checkout", amount: "100.00" });
});

test.each([
  ["messages", { kind: "sms", phone, description: "x".repeat(161) }, "description"],
  ["messages", { kind: "sms", phone }, "description"],
  ["messages", { kind: "email", account: "not an address", description: "x", options: { subject: "s" } }, "account"],
  ["payments", { kind: "stk_push", phone: "+256772000001", amount: "10" }, "phone"],
  ["payments", { kind: "stk_push", phone, amount: "0.50" }, "amount"],
  [
    "payments",
    { kind: "checkout", amount: "5", options: { success_url: "x", failure_url: "y" } },
    "options.success_url",
  ],
])("what Codian would refuse is refused before anything leaves: %s %j", async (path, more, at) => {
  const { status, json } = await start(path, { connection_id: connection.id, reference: `R-${n}`, ...more });
  expect([status, json.errors?.[0]?.path]).toEqual([422, at]);
  expect(codian.calls).toEqual([]);
});
