import { describe, expect, test } from "vitest";
import { callbacks } from "../../../src/providers/kodipay/callbacks.ts";
import { keyWith, readWith } from "../read-channel.ts";

const payment = {
  reference: "CMD-1001",
  orderNumber: "20260415A7K9P2XM1140",
  status: "completed",
  amount: "25.50",
  currency: "USD",
  payment_method: "mpesa",
  walletID: "+243812345011",
};

const read = (body: Record<string, unknown>) => readWith(callbacks, body);

function finding(body: Record<string, unknown>) {
  const reading = read(body);
  if (reading.kind !== "evidence") throw new Error(JSON.stringify(reading));
  return reading.findings[0];
}

describe("KODIPAY's callback", () => {
  test("a completed payment says who paid what for which order", () => {
    expect(finding(payment)).toEqual({
      kind: "payment",
      says: "completed",
      refs: { order_number: "20260415A7K9P2XM1140" },
      identity: ["order_number:20260415A7K9P2XM1140"],
      amount: { minor: 2550n, currency: "USD" },
      phone: "+243812345011",
      result: { code: "completed", description: "completed" },
      reference: "CMD-1001",
      details: { payment_method: "mpesa" },
    });
  });

  test.each([
    ["data", { data: payment }],
    ["payment", { payment }],
    ["transaction", { transaction: payment }],
    ["data.payment", { data: { payment } }],
    ["data.transaction, in an envelope", { status: "success", reference: "EVT-1", data: { transaction: payment } }],
    ["a list of one", { data: [payment] }],
    ["DATA", { DATA: payment }],
  ])("under %s it is the same payment with the same key", (_, body) => {
    expect(finding(body)).toEqual(finding(payment));
    expect(keyWith(callbacks, body)).toBe(keyWith(callbacks, payment));
  });

  test.each([
    [{ order_number: "N1" }, { merchant_reference: "R1" }],
    [{ order_id: "N1" }, { merchantReference: "R1" }],
    [{ OrderNumber: "N1" }, { REFERENCE: "R1" }],
  ])("%j and %j are other names of the ids", (number, reference) => {
    expect(finding({ ...number, ...reference, status: "paid" })).toMatchObject({
      identity: ["order_number:N1"],
      reference: "R1",
    });
  });

  test.each([
    ["pending", "pending"],
    ["processing", "processing"],
    ["completed", "completed"],
    ["failed", "failed"],
    ["refunded", "refunded"],
    ["expired", "expired"],
    ["success", "completed"],
    ["successful", "completed"],
    ["PAID", "completed"],
    ["cancelled", "failed"],
    ["on_hold", "pending"],
  ])("the status %s says %s", (status, says) => {
    expect(finding({ ...payment, status }).says).toBe(says);
  });

  test("an envelope's success is no payment's success, an envelope's completed is", () => {
    const { status: _, ...silent } = payment;
    expect(finding({ status: "success", data: silent })).toMatchObject({ says: "nothing" });
    expect(finding({ status: "completed", data: silent })).toMatchObject({ says: "completed" });
    expect(finding({ status: "success", data: { ...payment, status: "pending" } })).toMatchObject({ says: "pending" });
  });

  test("news of a refund gives the payment back once it is done, and says nothing before", () => {
    expect(finding({ event: "refund.completed", data: payment }).says).toBe("refunded");
    expect(finding({ event: "payment.refunded", data: { ...payment, status: "refunded" } }).says).toBe("refunded");
    expect(finding({ event: "refund.failed", data: { ...payment, status: "failed" } }).says).toBe("nothing");
    expect(finding({ event: "payment.completed", data: payment }).says).toBe("completed");
  });

  test("with a reference alone the reference stands in", () => {
    const { orderNumber: _, ...rest } = payment;
    expect(finding(rest)).toMatchObject({ refs: {}, identity: [], reference: "CMD-1001" });
    expect(keyWith(callbacks, rest)).not.toBeNull();
    expect(keyWith(callbacks, { ...rest, reference: payment.orderNumber })).not.toBe(keyWith(callbacks, payment));
  });

  test("with neither it cannot be read, has no key, and is accepted all the same", () => {
    expect(read({ status: "completed" })).toMatchObject({ kind: "unreadable", problems: [{ path: "orderNumber" }] });
    expect(read({ data: [payment, payment] })).toMatchObject({ kind: "unreadable" });
    expect(keyWith(callbacks, { status: "completed" })).toBeNull();
    expect(callbacks.unreadable).toBeNull();
    expect(callbacks.accepted({})).toMatchObject({ status: 200, body: '{"status":"accepted"}' });
  });

  test("an amount without a currency is no money, and says so", () => {
    const { currency: _, ...rest } = payment;
    expect(finding(rest)).not.toHaveProperty("amount");
    expect(finding(rest).details).toMatchObject({
      amount: "25.50",
      amount_problem: expect.stringContaining("currency"),
    });
  });

  test("an amount that cannot be read exactly is a problem", () => {
    expect(read({ ...payment, amount: "25,5" })).toMatchObject({ kind: "unreadable", problems: [{ path: "amount" }] });
    expect(read({ ...payment, currency: "ZZZ" })).toMatchObject({ kind: "unreadable", problems: [{ path: "amount" }] });
  });

  test("francs and dollars are exact as text and as number", () => {
    expect(finding({ ...payment, amount: 15000, currency: "cdf" }).amount).toEqual({
      minor: 1500000n,
      currency: "CDF",
    });
    expect(finding({ ...payment, amount: 0.1 }).amount).toEqual({ minor: 10n, currency: "USD" });
  });

  test("the states of one order are different news", () => {
    const states = ["pending", "processing", "completed", "refunded"];
    expect(new Set(states.map(status => keyWith(callbacks, { ...payment, status }))).size).toBe(4);
    expect(keyWith(callbacks, { event: "refund.completed", ...payment })).not.toBe(keyWith(callbacks, payment));
  });

  test("only a time with its offset is a time", () => {
    expect(finding({ ...payment, completed_at: "2026-04-15T10:00:00+01:00" }).occurredAt).toEqual(
      new Date("2026-04-15T09:00:00Z"),
    );
    expect(finding({ ...payment, completed_at: "2026-04-15 10:00:00" })).not.toHaveProperty("occurredAt");
  });

  test("a wallet that is no phone is a detail", () => {
    const { phone, details } = finding({ ...payment, walletID: "W-77" });
    expect(phone).toBeUndefined();
    expect(details?.wallet_id).toBe("W-77");
  });
});
