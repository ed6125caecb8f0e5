import { expect, test } from "vitest";
import { receiptOf } from "../support/bodies.ts";
import { api, callbacksOf, type Json, newConnection, request, type Shop } from "../support/hakika.ts";
import { shopBundle } from "../support/shop-bundle.ts";

const on = shopBundle();

const wait = { timeout: 15_000 };
const paybill = (more: Record<string, unknown> = {}) =>
  newConnection(on.hakika, on.shop.merchantId, { credentials: { shortcode: "600100" }, ...more });
const payment = (n: number, shortcode: string) => ({
  TransID: receiptOf(n),
  TransAmount: "25.00",
  BillRefNumber: `ORDER-${n}`,
  BusinessShortCode: shortcode,
});
const confirm = (connection: Shop["connection"], body: unknown) =>
  request("POST", connection.callback_urls["c2b/confirmation"]!, body);
const validate = async (connection: Shop["connection"], body: unknown) =>
  (await request("POST", connection.callback_urls["c2b/validation"]!, body)).json.ResultCode;
const patch = (connection: Shop["connection"], body: unknown) =>
  api(on.hakika, "PATCH", `/v1/connections/${connection.id}`, body);
const transactionsOf = async (connection: Shop["connection"]): Promise<Json[]> =>
  (await api(on.hakika, "GET", `/v1/transactions?connection_id=${connection.id}`)).data;
const statesOf = async (connection: Shop["connection"]) =>
  (await callbacksOf(on.hakika, connection.id)).map(each => each.state);
const wrongReceivers = () =>
  on.database.sql<{ wrong_receiver: string }[]>`
    select wrong_receiver from callback_readings where wrong_receiver is not null`;

test("regression: a payment to another paybill settles nothing, until its receiver is named", async () => {
  const connection = await paybill();
  expect((await confirm(connection, payment(1, "600999"))).status).toBe(200);
  await expect.poll(() => statesOf(connection), wait).toEqual(["quarantined"]);
  const [held] = await callbacksOf(on.hakika, connection.id);
  expect(held.problems).toEqual([
    { path: "BusinessShortCode", message: expect.stringMatching(/600999.*600100.*settings\.receivers/) },
  ]);
  expect(await transactionsOf(connection)).toEqual([]);
  expect((await wrongReceivers()).map(row => row.wrong_receiver)).toContain("600999");
  expect((await request("GET", `${on.hakika.url}/metrics`)).text).toMatch(
    /hakika_callbacks_wrong_receiver_total\{provider="daraja",channel="c2b\/confirmation"\} [1-9]/,
  );

  await patch(connection, { settings: { receivers: ["600555"] } });
  expect(await statesOf(connection)).toEqual(["quarantined"]);
  await patch(connection, { settings: { receivers: ["600555", " 600999 "] } });
  await expect.poll(() => statesOf(connection), wait).toEqual(["processed"]);
  expect(await transactionsOf(connection)).toMatchObject([
    { status: "completed", amount: "25.00", reference: "ORDER-1" },
  ]);
});

test("a payment to the connection's own paybill settles, however its short code is written", async () => {
  const connection = await paybill({ credentials: { shortcode: " 600100 " } });
  await confirm(connection, payment(2, " 600100"));
  await confirm(connection, { ...payment(3, ""), BusinessShortCode: 600100 });
  await confirm(connection, { ...payment(4, ""), BusinessShortCode: undefined });
  await expect.poll(() => statesOf(connection), wait).toEqual(["processed", "processed", "processed"]);
});

test("where the connection names no receiver, none is compared", async () => {
  const connection = await paybill({ credentials: {} });
  await confirm(connection, payment(5, "600999"));
  await expect.poll(() => statesOf(connection), wait).toEqual(["processed"]);
});

test("a changed or removed short code reads its callbacks again", async () => {
  const connection = await paybill();
  const other = await paybill();
  for (const each of [connection, other]) await confirm(each, payment(6, "600777"));
  await confirm(connection, payment(7, "600888"));
  await expect.poll(() => statesOf(connection), wait).toEqual(["quarantined", "quarantined"]);
  await patch(connection, { credentials: { shortcode: "600777" } });
  await expect.poll(() => statesOf(connection), wait).toEqual(["quarantined", "processed"]);
  await patch(connection, { credentials: { shortcode: null } });
  await expect.poll(() => statesOf(connection), wait).toEqual(["processed", "processed"]);
  await expect.poll(() => statesOf(other), wait).toEqual(["quarantined"]);
});

test("callbacks that come while the receiver is being named are all read", async () => {
  const connection = await paybill();
  const sending = Array.from({ length: 60 }, (_, n) => confirm(connection, payment(100 + n, "600321")));
  const patching = patch(connection, { settings: { receivers: ["600321"] } });
  const replies = await Promise.all(sending);
  await patching;
  expect(replies.every(reply => reply.status === 200)).toBe(true);
  await expect
    .poll(async () => (await statesOf(connection)).filter(state => state === "processed").length, wait)
    .toBe(60);
  expect(await transactionsOf(connection)).toHaveLength(50);
});

test("a validation for another receiver is rejected as such, whatever the mode, and kept in quarantine", async () => {
  for (const mode of ["accept", "match"]) {
    const connection = await paybill({ settings: { c2b_validation: { mode, fallback: "accept" } } });
    expect(await validate(connection, payment(8, "600999"))).toBe("C2B00015");
    expect(await validate(connection, payment(8, "600999"))).toBe("C2B00015");
    const [held, ...others] = await callbacksOf(on.hakika, connection.id);
    expect(others).toEqual([]);
    expect(held).toMatchObject({
      state: "quarantined",
      copies: 2,
      answer: { status: 200, by: "rule" },
      problems: [{ path: "BusinessShortCode" }],
    });
    await patch(connection, { settings: { receivers: ["600999"] } });
    await expect.poll(() => statesOf(connection), wait).toEqual(["processed"]);
    expect(await transactionsOf(connection)).toEqual([]);
  }
});

test("a payment that came although its validation was refused says so", async () => {
  const connection = await paybill({ settings: { c2b_validation: { mode: "match" } } });
  expect(await validate(connection, payment(9, "600100"))).toBe("C2B00012");
  await expect.poll(() => statesOf(connection), wait).toEqual(["processed"]);
  await confirm(connection, payment(9, "600100"));
  await expect.poll(async () => (await transactionsOf(connection)).length, wait).toBe(1);
  const [{ id }] = await transactionsOf(connection);
  const shown = await api(on.hakika, "GET", `/v1/transactions/${id}`);
  expect(shown).toMatchObject({ status: "completed", details: { validation: "refused: C2B00012" } });
  const [evidence] = shown.timeline.filter((entry: Json) => entry.type === "evidence");
  expect(evidence.note).toBe(
    "The validation of this payment was refused: C2B00012, and the payment came all the same.",
  );
});

test("a payment whose validation was accepted, or that had none, says nothing of it", async () => {
  const connection = await paybill({ settings: { c2b_validation: { mode: "accept" } } });
  expect(await validate(connection, payment(10, "600100"))).toBe("0");
  await confirm(connection, payment(10, "600100"));
  await confirm(connection, payment(11, "600100"));
  await expect.poll(async () => (await transactionsOf(connection)).length, wait).toBe(2);
  for (const transaction of await transactionsOf(connection)) expect(transaction.details.validation).toBeUndefined();
});
