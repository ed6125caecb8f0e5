import { expect, test } from "vitest";
import { receiptOf, stkPaid, stkRegistration } from "../support/bodies.ts";
import { adminKey, api, callbacksOf, type Json, newConnection, request, type Shop } from "../support/hakika.ts";
import { shopBundle } from "../support/shop-bundle.ts";

const on = shopBundle();

const accepted = '{"ResultCode":0,"ResultDesc":"Accepted"}';
const wait = { timeout: 15_000 };
const newDaraja = () => newConnection(on.hakika, on.shop.merchantId);
const urlOf = (connection: Shop["connection"], channel: string) =>
  connection.callback_urls.stk!.replace(/stk$/, channel);
const callback = (id: string): Promise<Json> => api(on.hakika, "GET", `/v1/callbacks/${id}`);
const stateOf = async (id: string) => (await callback(id)).state;
const reprocess = (id: string, body?: unknown) =>
  request("POST", `${on.hakika.url}/v1/callbacks/${id}/reprocess`, body, { authorization: `Bearer ${adminKey}` });
/** The problems of the connection's newest callback, once it is in quarantine. */
async function quarantined(connection: Shop["connection"]): Promise<Json> {
  const newest = async () => (await callbacksOf(on.hakika, connection.id))[0];
  await expect.poll(async () => (await newest())?.state, wait).toBe("quarantined");
  return newest();
}

test("a callback to a channel that does not exist is accepted, kept, and read as the one that is named", async () => {
  const connection = await newDaraja();
  const { id } = await api(on.hakika, "POST", "/v1/transactions", stkRegistration(connection.id, "ws_CO_lost"));
  const got = await request("POST", urlOf(connection, "stkpush/callback"), stkPaid("ws_CO_lost", receiptOf(1)));
  expect([got.status, got.text]).toEqual([200, accepted]);
  const lost = await quarantined(connection);
  expect(lost).toMatchObject({ channel: "stkpush/callback", answer: { status: 200, body: accepted }, read_as: null });
  expect(lost.problems[0].message).toMatch(/Its channels are stk, c2b\/confirmation, .*callback of channel stk/);

  expect((await reprocess(lost.id)).status).toBe(202);
  expect(await quarantined(connection)).toMatchObject({ problems: lost.problems });
  expect((await reprocess(lost.id, { channel: "stk" })).status).toBe(202);
  await expect.poll(() => stateOf(lost.id), wait).toBe("processed");
  expect(await callback(lost.id)).toMatchObject({ read_as: "stk", transaction_ids: [id], problems: [] });
  const settled = await api(on.hakika, "GET", `/v1/transactions/${id}`);
  expect(settled).toMatchObject({ status: "completed", amount: "50.00" });
  expect(settled.timeline.map((entry: Json) => entry.callback_id)).toContain(lost.id);

  await reprocess(lost.id);
  await expect.poll(() => stateOf(lost.id), wait).toBe("quarantined");
  expect((await callback(lost.id)).read_as).toBeNull();
});

test("on a channel that does not exist everything is accepted, whatever its name and body", async () => {
  const connection = await newDaraja();
  const channels = ["constructor", "__proto__", "x".repeat(5_000), "%00", "a%20b", "stk/stk", "stk//", "%F0%9F%98%80"];
  for (const channel of channels) {
    const got = await request("POST", urlOf(connection, channel), "no JSON at all");
    expect([channel, got.status, got.text]).toEqual([channel, 200, accepted]);
  }
  const kept = await callbacksOf(on.hakika, connection.id);
  expect(kept.map(each => each.state)).toEqual(channels.map(() => "quarantined"));
  const get = await request("GET", urlOf(connection, "nothing"));
  expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
  expect((await request("GET", `${on.hakika.url}/metrics`)).text).toMatch(
    /hakika_callbacks_total\{provider="daraja",channel="unknown",outcome="unknown_channel"\} \d/,
  );
});

test.for([
  ["codian", "payment", '{"success":true,"message":"Callback accepted"}'],
  ["kyanda", "ipn2", '{"status":"success"}'],
  ["africastalking", "airtime", "OK"],
  ["kodipay", "callback", '{"status":"accepted"}'],
] as const)("%s gets its usual reply on a channel that does not exist", async ([provider, channel, reply]) => {
  const connection = await newConnection(on.hakika, on.shop.merchantId, { provider });
  const [known] = Object.entries(connection.callback_urls)[0]!;
  const got = await request("POST", connection.callback_urls[known]!.replace(known, channel), { a: 1 });
  expect([got.status, got.text]).toEqual([200, reply]);
  expect((await callbacksOf(on.hakika, connection.id))[0]).toMatchObject({ state: "quarantined", channel });
});

test("a slash at the end of a channel is ignored", async () => {
  const connection = await newDaraja();
  expect((await request("POST", urlOf(connection, "stk/"), stkPaid("ws_CO_slash", receiptOf(2)))).status).toBe(200);
  expect((await request("POST", urlOf(connection, "stk"), stkPaid("ws_CO_slash", receiptOf(2)))).status).toBe(200);
  expect(await callbacksOf(on.hakika, connection.id)).toMatchObject([{ channel: "stk", copies: 2 }]);
  expect((await request("GET", urlOf(connection, "stk/"))).status).toBe(405);
});

test("a body of another channel is accepted, and its problem names the channel", async () => {
  const connection = await newDaraja();
  const got = await request("POST", urlOf(connection, "c2b/confirmation"), stkPaid("ws_CO_door", receiptOf(3)));
  expect([got.status, got.text]).toEqual([200, accepted]);
  const held = await quarantined(connection);
  expect(held.problems[0]).toMatchObject({
    path: "",
    message: expect.stringMatching(/channel stk: its URL ends in \/stk/),
  });
  await reprocess(held.id, { channel: "stk" });
  await expect.poll(() => stateOf(held.id), wait).toBe("processed");
});

test("a body of another channel on a channel that answers questions is held with the channel's name", async () => {
  const connection = await newDaraja();
  const got = await request("POST", urlOf(connection, "c2b/validation"), stkPaid("ws_CO_asked", receiptOf(4)));
  expect([got.status, got.json]).toEqual([200, { ResultCode: "0", ResultDesc: "Accepted" }]);
  expect((await quarantined(connection)).problems[0].message).toMatch(/channel stk/);
});

test("between a validation and a confirmation, which are alike, nothing is guessed", async () => {
  const connection = await newDaraja();
  const unreadable = { TransID: receiptOf(5), TransAmount: "much", BusinessShortCode: "600100" };
  await request("POST", urlOf(connection, "c2b/validation"), unreadable);
  const { problems } = await quarantined(connection);
  expect(problems.map((problem: Json) => problem.path)).not.toContain("");
  expect(problems[0].path).toBe("TransAmount");
});

test("codian names the right channel in its refusal too", async () => {
  const connection = await newConnection(on.hakika, on.shop.merchantId, { provider: "codian" });
  const body = { sms_id: "sms_1", phone_number: "254711000001", status: "delivered" };
  const got = await request("POST", connection.callback_urls.airtime!, body);
  expect([got.status, got.json.success]).toEqual([400, false]);
  expect(got.text).toContain("This is a callback of channel sms");
});

test("reading again refuses a channel that does not exist, and one that asks a question", async () => {
  const connection = await newDaraja();
  await request("POST", urlOf(connection, "nowhere"), { TransID: receiptOf(6), TransAmount: "5.00" });
  const { id } = await quarantined(connection);
  const cases: [unknown, RegExp][] = [
    [{ channel: "payments" }, /no channel of Safaricom Daraja: send one of stk, c2b\/confirmation/],
    [{ channel: "constructor" }, /no channel/],
    [{ channel: "c2b/validation" }, /asks a question and reports no money/],
    [{ channel: "" }, /channel/],
    [{ channels: "stk" }, /channels/],
  ];
  for (const [body, message] of cases) {
    const got = await reprocess(id, body);
    expect([got.status, got.text]).toEqual([422, expect.stringMatching(message)]);
  }
  expect((await reprocess(id, { channel: "c2b/confirmation" })).status).toBe(202);
  await expect.poll(() => stateOf(id), wait).toBe("processed");
  const audit = (await api(on.hakika, "GET", "/v1/audit?limit=5")).data;
  expect(audit[0]).toMatchObject({ action: "callback.reprocessed", after: { channel: "c2b/confirmation" } });
});

test("a callback that was not verified is not read as another channel either", async () => {
  const connection = await newDaraja();
  const header = { name: "X-Secret", value: "a-secret-nobody-may-read" };
  await api(on.hakika, "PATCH", `/v1/connections/${connection.id}`, { verification: { header } });
  const url = urlOf(connection, "stkpush");
  await expect.poll(async () => (await request("POST", url, stkPaid("ws_CO_no", receiptOf(7)))).status).toBe(401);
  const { id } = await quarantined(connection);
  await reprocess(id, { channel: "stk" });
  await expect.poll(async () => (await callback(id)).problems[0].message, wait).toMatch(/failed its verification/);
  expect((await callback(id)).state).toBe("quarantined");
});
