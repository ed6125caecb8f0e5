import { beforeAll, expect, test } from "vitest";
import { providers } from "../../src/providers/registry.ts";
import { loadSpecimens } from "../providers/specimen.ts";
import { receiptOf, stkPaid } from "../support/bodies.ts";
import { callbacksOf, type Json, newConnection, request, type Shop } from "../support/hakika.ts";
import { shopBundle } from "../support/shop-bundle.ts";

const on = shopBundle();
const connections = new Map<string, Shop["connection"]>();

beforeAll(async () => {
  connections.set("daraja", on.shop.connection);
  for (const provider of [...providers.keys()].filter(id => id !== "daraja")) {
    connections.set(provider, await newConnection(on.hakika, on.shop.merchantId, { provider }));
  }
});

const json = "application/json";
const text = "text/plain";
const daraja = { type: json, body: '{"ResultCode":0,"ResultDesc":"Accepted"}' };
const codian = { type: json, body: '{"success":true,"message":"Callback accepted"}' };
const ok = { type: text, body: "OK" };

const standingOrder = {
  responseHeader: { responseRefID: "9f2c", requestRefID: "5a80", responseCode: "0", responseDescription: "done" },
  responseBody: { responseData: [{ name: "TransactionID", value: "SK47D2M9XA" }] },
};

type Row = [provider: string, channel: string, body: unknown, answer: { type: string; body: string }];

/** Each channel without a decision, a body it accepts, and the exact reply. */
const channels: Row[] = [
  ["daraja", "stk", stkPaid("ws_CO_answers_1", receiptOf(1)), daraja],
  ["daraja", "c2b/confirmation", { TransID: receiptOf(2), TransAmount: "5.00", BillRefNumber: "a 1" }, daraja],
  ["daraja", "result", { Result: { ResultCode: 0, ConversationID: "AG_1", TransactionID: receiptOf(3) } }, daraja],
  ["daraja", "timeout", { Result: { ResultCode: 1, ConversationID: "AG_2", TransactionID: "x" } }, daraja],
  ["daraja", "b2b/express", { resultCode: "0", amount: "5.0", requestId: "r-1", status: "SUCCESS" }, daraja],
  ["daraja", "standing-order", standingOrder, daraja],
  [
    "daraja",
    "bill",
    { transactionId: receiptOf(5), paidAmount: "24", accountReference: "H-1", shortCode: "600984" },
    { type: json, body: '{"rescode":"200","resmsg":"Success"}' },
  ],
  ["codian", "payments", stkPaid("ws_CO_answers_2", receiptOf(4)), codian],
  ["codian", "airtime", { airtime_id: "at_1", amount: 10, status: "completed" }, codian],
  ["codian", "sms", { sms_id: "sms_1", phone_number: "254711000001", status: "delivered" }, codian],
  ["codian", "email", { email_id: "em_1", recipient: "a@example.com", status: "delivered" }, codian],
  ["codian", "chat", { event: "message.received", chatbot_id: "b", session_id: "s", message: "hi" }, codian],
  ["codian", "events", { airtime_id: "at_2", amount: 10, status: "completed" }, codian],
  [
    "kyanda",
    "ipn",
    { transactionRef: "KY1", status_code: "0000", amount: 10 },
    { type: json, body: '{"status":"success"}' },
  ],
  ["africastalking", "airtime/status", { requestId: "ATQid_1", status: "Success" }, ok],
  ["africastalking", "sms/delivery", "id=ATXid_1&status=Success&phoneNumber=%2B254711000001", ok],
  ["africastalking", "ussd/events", "sessionId=ATUid_1&phoneNumber=%2B254711000001&status=Success", ok],
  [
    "kodipay",
    "callbacks",
    { orderNumber: "20260415A7K9P2XM1140", status: "paid" },
    { type: json, body: '{"status":"accepted"}' },
  ],
];

const listed = new Set(channels.map(([provider]) => provider));

/** A readable specimen for each channel of the providers that are not listed, and the reply that it names. */
const ofSpecimens = [...providers.values()]
  .filter(({ id }) => !listed.has(id))
  .flatMap(({ id, channels }) =>
    Object.keys(channels).map((name): Row => {
      const { body, answer } = loadSpecimens(id).find(
        ({ channel, method, reading }) => channel === name && method === "POST" && reading.kind !== "unreadable",
      )!;
      return [id, name, body, { type: answer.content_type, body: JSON.stringify(answer.body) }];
    }),
  );

const named = [...channels, ...ofSpecimens].map(row => [`${row[0]} ${row[1]}`, ...row] as const);

test("every channel without a decision has its row here", () => {
  const all = [...providers.values()].flatMap(({ id, channels }) =>
    Object.entries(channels).flatMap(([name, channel]) => (channel.decision ? [] : [`${id} ${name}`])),
  );
  expect(named.map(([name]) => name).sort()).toEqual(all.sort());
});

test.for(named)(
  "%s replies as its provider expects, alike to each copy, and stores the bytes once",
  async ([, provider, channel, body, answer]) => {
    const connection = connections.get(provider)!;
    const url = connection.callback_urls[channel]!;
    const bytes = typeof body === "string" ? body : JSON.stringify(body, null, 1);
    // A JSON object is read as JSON under any Content-Type; a form needs its own.
    const headers = { "content-type": typeof body === "string" ? "application/x-www-form-urlencoded" : "text/html" };
    for (let copy = 0; copy < 3; copy += 1) {
      const got = await request("POST", url, bytes, headers);
      expect([got.status, got.headers.get("content-type"), got.text]).toEqual([200, answer.type, answer.body]);
    }
    const kept = (await callbacksOf(on.hakika, connection.id)).filter(c => c.channel === channel);
    expect(kept).toMatchObject([{ provider, channel, copies: 3 }]);
    const stored = await request("GET", `${on.hakika.url}/v1/callbacks/${kept[0].id}/body`, undefined, {
      authorization: `Bearer ${on.hakika.adminKey}`,
    });
    expect(stored.text).toBe(bytes);
    await expect.poll(async () => (await callbackState(connection.id, kept[0].id)).state).toBe("processed");
  },
);

async function callbackState(connectionId: string, id: string): Promise<Json> {
  return (await callbacksOf(on.hakika, connectionId)).find(c => c.id === id);
}

const url = (provider: string, channel: string) => connections.get(provider)!.callback_urls[channel]!;

test.for([
  ["daraja", "stk", daraja],
  ["daraja", "c2b/confirmation", daraja],
  ["daraja", "result", daraja],
  ["daraja", "timeout", daraja],
  ["kyanda", "ipn", { type: json, body: '{"status":"success"}' }],
  ["kodipay", "callbacks", { type: json, body: '{"status":"accepted"}' }],
] as const)(
  "%s %s accepts an object it cannot read, and quarantines it with its problems",
  async ([provider, channel, answer]) => {
    const got = await request("POST", url(provider, channel), { unheard: `of ${channel}` });
    expect([got.status, got.text]).toEqual([200, answer.body]);
    const id = connections.get(provider)!.id;
    const find = async () =>
      (await callbacksOf(on.hakika, id)).find(c => c.channel === channel && c.state === "quarantined");
    await expect.poll(async () => (await find())?.problems[0]?.path).toMatch(/\w/);
  },
);

test.for([
  ["codian", "payments", {}, "Body.stkCallback"],
  ["codian", "airtime", { airtime_id: "at_3", amount: 1 }, "status"],
  ["codian", "sms", { status: "delivered" }, "sms_id"],
  ["codian", "email", { status: "delivered" }, "email_id"],
  ["codian", "events", { hello: 1 }, "airtime_id"],
  ["africastalking", "airtime/status", { status: "Success" }, "requestId"],
  ["africastalking", "sms/delivery", "status=Success", "id"],
  ["africastalking", "ussd/events", "status=Success", "sessionId"],
] as const)(
  "%s %s answers 400 and names the missing field, and stores the bytes",
  async ([provider, channel, body, field]) => {
    const form = typeof body === "string" ? { "content-type": "application/x-www-form-urlencoded" } : {};
    const got = await request("POST", url(provider, channel), body, form as Record<string, string>);
    expect(got.status).toBe(400);
    expect(got.headers.get("content-type")).toBe("application/problem+json");
    expect(got.text).toContain(field);
    expect(got.json.success).toBe(provider === "codian" ? false : undefined);
    const kept = (await callbacksOf(on.hakika, connections.get(provider)!.id)).filter(c => c.channel === channel);
    expect(kept[0]).toMatchObject({ state: "quarantined", copies: 1 });
    expect(JSON.stringify(kept[0].problems)).toContain(field);
  },
);

test.for([
  ["daraja", "stk", "not json"],
  ["daraja", "c2b/confirmation", ""],
  ["daraja", "result", "[1]"],
  ["daraja", "timeout", "null"],
  ["kyanda", "ipn", "<xml/>"],
  ["kodipay", "callbacks", '"text"'],
  ["codian", "payments", '{"half":'],
  ["africastalking", "airtime/status", "nothing at all"],
] as const)("%s %s answers 400 to a body that is no object, and quarantines it", async ([provider, channel, body]) => {
  const got = await request("POST", url(provider, channel), body, { "content-type": json });
  expect([got.status, got.headers.get("content-type")]).toEqual([400, "application/problem+json"]);
  expect(got.json.success).toBe(provider === "codian" ? false : undefined);
  const kept = (await callbacksOf(on.hakika, connections.get(provider)!.id)).filter(c => c.channel === channel);
  expect(kept[0]).toMatchObject({ state: "quarantined", problems: [{ path: "", message: expect.any(String) }] });
});

test("the same key with another body is a callback of its own, and both stay as they came", async () => {
  const { id, callback_urls } = await newConnection(on.hakika, on.shop.merchantId);
  const first = stkPaid("ws_CO_twice", receiptOf(70), 50);
  const second = stkPaid("ws_CO_twice", receiptOf(70), 5000);
  for (const body of [first, second, first]) {
    const got = await request("POST", callback_urls.stk!, body);
    expect([got.status, got.text]).toEqual([200, daraja.body]);
  }
  expect((await callbacksOf(on.hakika, id)).map(c => c.copies).sort()).toEqual([1, 2]);
});
