import { expect, describe as group, test } from "vitest";
import { decide } from "../../src/domain/decide/decide.ts";
import type { Policy } from "../../src/domain/decide/policy.ts";
import type { DecidingRegistration } from "../../src/domain/decide/weigh.ts";
import type { Evidence } from "../../src/domain/evidence.ts";
import type { Kind } from "../../src/domain/kinds.ts";
import { formatMoney } from "../../src/domain/money.ts";
import { callbackSays, kes, operatorSays, pollSays, statementSays } from "../support/evidence.ts";

const policy: Policy = { settleOn: null, confirmAbove: null, canPoll: true };
const registered = (minor: number | null, kind: Kind = "stk_push"): DecidingRegistration => ({
  kind,
  refs: { checkout_request_id: "ws_CO_1" },
  amount: minor === null ? null : kes(minor),
});
const paid = (minor: number, fields: Partial<Evidence> = {}) =>
  callbackSays("completed", { amount: kes(minor), ...fields });

/** The decision in both orders of the evidence, as the API words it. */
function decided(evidence: Evidence[], registration: DecidingRegistration | null, more: Partial<Policy> = {}) {
  const [one, other] = [evidence, evidence.toReversed()].map(each => {
    const { status, review, amount, refundedMinor, pollNow } = decide(each, registration, { ...policy, ...more });
    const money = (m: typeof amount | undefined) => (m ? formatMoney(m) : null);
    return {
      status,
      amount: money(amount),
      refunded: Number(refundedMinor),
      review: review?.reason ?? null,
      expected: money(review?.expected),
      told: money(review?.told),
      pollNow,
    };
  });
  expect(other).toEqual(one);
  return one!;
}

group("a match", () => {
  test("regression: a success without an amount does not match a registration that has one, and is asked about", () => {
    expect(decided([callbackSays("completed")], registered(5000))).toMatchObject({ status: "pending", pollNow: true });
    expect(decided([callbackSays("completed")], registered(null))).toMatchObject({ status: "completed" });
  });

  test("regression: the merchant's own reference alone is no match, but for C2B", () => {
    const byReference = (kind: Kind) => paid(5000, { kind, refs: { checkout_request_id: "" }, reference: "ORDER-1" });
    expect(decided([byReference("payment")], registered(5000, "payment"))).toMatchObject({
      status: "pending",
      pollNow: true,
    });
    expect(decided([byReference("c2b")], registered(5000))).toMatchObject({ status: "completed" });
  });

  test("an id that is not the registered one is no match", () => {
    const other = paid(5000, { refs: { checkout_request_id: "ws_CO_2" } });
    expect(decided([other], registered(5000))).toMatchObject({ status: "pending" });
  });

  test("a registered success about which the provider cannot be polled needs proof; an unregistered one is unregistered", () => {
    const canPoll = false;
    expect(decided([callbackSays("completed")], registered(5000), { canPoll })).toMatchObject({
      review: "needs_proof",
    });
    expect(decided([callbackSays("completed")], null, { canPoll })).toMatchObject({ review: "unregistered" });
  });
});

group("outgoing money", () => {
  const failed = callbackSays("failed", { kind: "b2c" });
  const payout = registered(5_000_000, "b2c");

  test("regression: a forged failure of a payout above confirm_above is asked about before it is told", () => {
    const confirmAbove = "1.00";
    expect(decided([failed], payout, { confirmAbove })).toMatchObject({ status: "pending", pollNow: true });
    expect(decided([failed], payout, { confirmAbove, canPoll: false })).toMatchObject({
      status: "pending",
      review: "needs_proof",
    });
    expect(decided([failed, pollSays("failed", { kind: "b2c" })], payout, { confirmAbove })).toMatchObject({
      status: "failed",
      review: null,
    });
    expect(decided([failed, pollSays("completed", { kind: "b2c" })], payout, { confirmAbove })).toMatchObject({
      status: "completed",
      review: null,
    });
  });

  test("a failure below confirm_above, and of incoming money, needs none", () => {
    expect(decided([failed], payout, { confirmAbove: "50000.01" })).toMatchObject({ status: "failed" });
    expect(decided([callbackSays("failed")], registered(5_000_000), { confirmAbove: "1.00" })).toMatchObject({
      status: "failed",
    });
  });

  test("under settle_on proof a failure is asked about at once", () => {
    expect(decided([callbackSays("failed")], registered(5000), { settleOn: "proof" })).toMatchObject({
      status: "pending",
      pollNow: true,
    });
  });
});

group("successes that differ", () => {
  const c2b = (minor: number, receipt = "TJI1") => paid(minor, { kind: "c2b", refs: { receipt } });

  test("regression: two amounts for one payment are a conflict that names both, and the smaller one is shown", () => {
    expect(decided([c2b(999_900), c2b(1000)], null)).toMatchObject({
      status: "completed",
      amount: "10.00",
      review: "conflict",
      expected: "10.00",
      told: "9999.00",
    });
    const { review } = decide([c2b(999_900), c2b(1000)], null, policy);
    expect(review?.detail).toBe("Successes that count differ: 10.00 KES, receipt TJI1; 9999.00 KES, receipt TJI1.");
  });

  test("two receipts for one push are a conflict, in whichever letter case they are one", () => {
    const withReceipt = (receipt: string) => paid(5000, { refs: { receipt } });
    expect(decided([withReceipt("TJI1"), withReceipt("TJI2")], registered(5000))).toMatchObject({
      status: "completed",
      review: "conflict",
    });
    expect(decided([withReceipt("TJI1"), withReceipt("tji1")], registered(5000))).toMatchObject({ review: null });
  });
});

group("an amount that is not the registered one", () => {
  const told70 = paid(7000, { refs: { receipt: "TJI1" } });

  test("regression: a push registered for 700 of which 70 moved is completed over 70, and stays under review", () => {
    expect(decided([told70], registered(70_000))).toEqual({
      status: "pending",
      amount: "700.00",
      refunded: 0,
      review: "amount_mismatch",
      expected: "700.00",
      told: "70.00",
      pollNow: true,
    });
    expect(decided([told70, pollSays("completed")], registered(70_000))).toEqual({
      status: "completed",
      amount: "70.00",
      refunded: 0,
      review: "amount_mismatch",
      expected: "700.00",
      told: "70.00",
      pollNow: true,
    });
  });

  test("more than was registered is completed over the registered amount, and stays under review", () => {
    expect(decided([paid(90_000), pollSays("completed")], registered(70_000))).toMatchObject({
      status: "completed",
      amount: "700.00",
      review: "amount_mismatch",
      told: "900.00",
    });
  });

  test("a success with the right amount and an operator's decision close the review", () => {
    expect(decided([told70, statementSays("completed", { amount: kes(70_000) })], registered(70_000))).toMatchObject({
      status: "completed",
      amount: "700.00",
      review: null,
    });
    const decision = { ...operatorSays("completed", 1), amount: kes(7000) };
    expect(decided([told70, decision], registered(70_000))).toMatchObject({
      status: "completed",
      amount: "70.00",
      review: null,
    });
  });

  test("regression: a success of zero settles nothing, whether registered or not", () => {
    const zero = paid(0, { kind: "c2b", refs: { receipt: "TJI1" } });
    expect(decided([zero], null)).toMatchObject({ status: "pending", review: "amount_mismatch", told: "0.00" });
    expect(decided([paid(0)], registered(5000))).toMatchObject({ status: "pending", review: "amount_mismatch" });
    expect(decided([paid(0), pollSays("completed")], registered(5000))).toMatchObject({
      status: "completed",
      amount: "50.00",
      review: "amount_mismatch",
      told: "0.00",
    });
  });
});

group("refunds", () => {
  const success = paid(100_000);
  const refund = (minor: number | null, fields: Partial<Evidence> = {}) =>
    callbackSays("refunded", { ...(minor !== null && { amount: kes(minor) }), ...fields });
  const reversal = (n: number, minor: number | null) =>
    refund(minor, { reversedBy: `00000000-0000-7000-8000-00000000000${n}` });

  test("regression: 10 of 1,000 given back leaves the payment completed", () => {
    expect(decided([success, reversal(1, 1000)], registered(100_000))).toEqual({
      status: "completed",
      amount: "1000.00",
      refunded: 1000,
      review: null,
      expected: null,
      told: null,
      pollNow: false,
    });
  });

  test("regression: a refund that does not count lends the payment no amount", () => {
    expect(decided([refund(1000)], null, { canPoll: false })).toMatchObject({ status: "pending", amount: null });
    expect(decided([refund(1000, { strength: "signed" })], null)).toMatchObject({ amount: "10.00", refunded: 1000 });
  });

  test("several refunds add up, and the payment is refunded once the sum reaches its amount", () => {
    const parts = [reversal(1, 30_000), reversal(2, 30_000)];
    expect(decided([success, ...parts], registered(100_000))).toMatchObject({ status: "completed", refunded: 60_000 });
    expect(decided([success, ...parts, reversal(3, 40_000)], registered(100_000))).toMatchObject({
      status: "refunded",
      refunded: 100_000,
      review: null,
    });
  });

  test("a refund without an amount is of the whole", () => {
    expect(decided([success, reversal(1, null)], registered(100_000))).toMatchObject({
      status: "refunded",
      refunded: 100_000,
    });
    expect(decided([success, reversal(1, 1000), reversal(2, null)], registered(100_000))).toMatchObject({
      status: "refunded",
      refunded: 100_000,
    });
  });

  test("two reports are of two refunds where ids or times differ, and of one where they do not", () => {
    const at = (hour: number) => ({ occurredAt: new Date(Date.UTC(2026, 0, 1, hour)) });
    const reports = (...all: Evidence[]) => decided([success, ...all], registered(100_000)).refunded;
    expect(reports(refund(1000, at(1)), refund(1000, at(2)))).toBe(2000);
    expect(reports(refund(1000, at(1)), pollSays("refunded", { amount: kes(1000), ...at(1) }))).toBe(1000);
    expect(reports(refund(1000, at(1)), pollSays("refunded", { amount: kes(1000) }))).toBe(1000);
    const byId = (id: string) => refund(1000, { refs: { refund_id: id } });
    expect(reports(byId("r-1"), byId("r-2"))).toBe(2000);
  });

  test("more than the amount, or another currency, is a conflict", () => {
    expect(decided([success, reversal(1, 60_000), reversal(2, 60_000)], registered(100_000))).toMatchObject({
      status: "refunded",
      refunded: 120_000,
      review: "conflict",
      expected: "1000.00",
      told: "1200.00",
    });
    const dollars = refund(null, { amount: { minor: 1000n, currency: "USD" } });
    expect(decided([success, dollars], registered(100_000))).toMatchObject({ status: "completed", review: "conflict" });
  });

  test("an operator's decision keeps what was given back, as far as it leaves room", () => {
    const evidence = [success, reversal(1, 1000)];
    expect(decided([...evidence, operatorSays("completed", 1)], registered(100_000))).toMatchObject({
      status: "completed",
      refunded: 1000,
    });
    expect(decided([...evidence, operatorSays("refunded", 1)], registered(100_000))).toMatchObject({
      status: "refunded",
      refunded: 100_000,
    });
    expect(decided([...evidence, operatorSays("failed", 1)], registered(100_000))).toMatchObject({ refunded: 0 });
  });
});

test("evidence that counted and was told by earlier rules still counts", () => {
  const believed = { believed: true };
  expect(decided([callbackSays("completed", believed)], registered(5000))).toMatchObject({ status: "completed" });
  expect(decided([paid(0, { ...believed, kind: "c2b" })], null)).toMatchObject({ status: "completed" });
});
