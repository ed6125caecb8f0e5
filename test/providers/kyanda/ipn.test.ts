import { describe, expect, test } from "vitest";
import { parseBody } from "../../../src/providers/kit/parse-body.ts";
import { ipn } from "../../../src/providers/kyanda/ipn.ts";
import { keyWith, readWith } from "../read-channel.ts";

const paid = {
  category: "MpesaPayment",
  source: "0715330011",
  Phone: "0715330011",
  MerchantID: "duka",
  details: { one: "Biller Receipt No: RA904646411", two: "Kyanda Reference: DUKA193838833S" },
  Status: "Success",
  status_code: "0000",
  message: "Your request has been processed successfully.",
  Posted_Time: "23-09-2023 11.20am",
  transactionRef: "DUKA193838833S",
  Amount: "100",
};

const read = (body: Record<string, unknown>) => readWith(ipn, body);

function finding(body: Record<string, unknown>) {
  const reading = read(body);
  if (reading.kind !== "evidence") throw new Error(JSON.stringify(reading));
  return reading.findings[0];
}

describe("Kyanda's IPN", () => {
  test("a checkout's notification says who paid what, when, with which receipt", () => {
    expect(finding(paid)).toEqual({
      kind: "checkout",
      says: "completed",
      refs: { transaction_ref: "DUKA193838833S", receipt: "RA904646411" },
      identity: ["transaction_ref:DUKA193838833S"],
      amount: { minor: 10000n, currency: "KES" },
      phone: "+254715330011",
      result: { code: "0000", description: "Your request has been processed successfully." },
      occurredAt: new Date("2023-09-23T08:20:00.000Z"),
    });
  });

  test("the same notification in other spellings and orders is the same finding with the same key", () => {
    const shouted = Object.fromEntries(
      Object.entries(paid)
        .map(([key, value]) => [key.toUpperCase(), value])
        .reverse(),
    );
    const asForm = new URLSearchParams({ ...paid, details: JSON.stringify(paid.details) }).toString();
    const parsed = parseBody(new TextEncoder().encode(asForm), "application/x-www-form-urlencoded", ipn.forms);
    const posted = parsed.kind === "object" ? parsed.value : {};
    for (const body of [shouted, posted]) {
      expect(finding(body)).toEqual(finding(paid));
      expect(keyWith(ipn, body)).toBe(keyWith(ipn, paid));
    }
  });

  test("a token purchase brings its tokens and units, and the meter that is no phone", () => {
    const body = {
      ...paid,
      category: "UtilityPayment",
      source: "PaymentWallet",
      Phone: undefined,
      destination: "14104411223",
      direction: "Outbound",
      details: { biller_Receipt: "KPL0099", tokens: "1111-2222-3333-4444-5555", units: 22.5 },
    };
    expect(finding(body)).toMatchObject({
      kind: "bill",
      refs: { receipt: "KPL0099" },
      details: { tokens: "1111-2222-3333-4444-5555", units: "22.5", account: "14104411223" },
    });
    expect(finding(body)).not.toHaveProperty("phone");
  });

  test("a payout is about the phone it goes to, not the one it comes from", () => {
    const body = {
      ...paid,
      category: "MobilePayout",
      source: "0715330011",
      Phone: undefined,
      destination: "0715330022",
    };
    expect(finding(body).phone).toBe("+254715330022");
    expect(finding(body)).not.toHaveProperty("details.account");
  });

  test.each(["merchant_reference", "transactionId", "ref"])("%s stands in for a missing transactionRef", name => {
    const { transactionRef: _, ...rest } = paid;
    expect(finding({ ...rest, [name]: "DUKA77" })).toMatchObject({ identity: ["transaction_ref:DUKA77"] });
    expect(finding({ ...rest, [name]: "DUKA77" })).not.toHaveProperty("reference");
  });

  test("a merchant_reference beside another transactionRef is the reference", () => {
    expect(finding({ ...paid, merchant_reference: "SO-1001" }).reference).toBe("SO-1001");
    expect(finding({ ...paid, merchant_reference: paid.transactionRef })).not.toHaveProperty("reference");
  });

  test("without a reference it cannot be read and has no key", () => {
    const { transactionRef: _, ...rest } = paid;
    expect(read(rest)).toEqual({ kind: "unreadable", problems: [{ path: "transactionRef", message: "required" }] });
    expect(keyWith(ipn, rest)).toBeNull();
  });

  test("an amount that is there and cannot be read exactly is a problem, not a match", () => {
    for (const amount of ["12.345", "-5", {}, "1e3"])
      expect(read({ ...paid, Amount: amount })).toMatchObject({ kind: "unreadable", problems: [{ path: "amount" }] });
    expect(finding({ ...paid, Amount: "" })).not.toHaveProperty("amount");
  });

  test("pending, success and failure of one transaction are three pieces of news, a repeat is none", () => {
    const news = [
      { ...paid, status_code: "1100", Status: "Pending" },
      paid,
      { ...paid, status_code: "1107", Status: "Failed" },
    ];
    expect(new Set(news.map(body => keyWith(ipn, body))).size).toBe(3);
    expect(keyWith(ipn, { ...paid })).toBe(keyWith(ipn, paid));
  });

  test("a failure names its reason", () => {
    const body = { ...paid, status_code: "1107", Status: "Failed", message: "Insufficient float balance." };
    expect(finding(body)).toMatchObject({
      says: "failed",
      result: { code: "1107", description: "Insufficient float balance." },
      details: { failure_reason: "Insufficient float balance." },
    });
  });

  test("a status that is all digits is a code", () => {
    const { status_code: _, ...rest } = paid;
    expect(finding({ ...rest, Status: "0000" })).toMatchObject({ says: "completed", result: { code: "0000" } });
    expect(finding({ ...rest, Status: 7001 })).toMatchObject({ says: "nothing", result: { code: "7001" } });
  });

  test("every object is answered alike, whatever it holds", () => {
    expect(ipn.accepted({})).toEqual({ status: 200, contentType: "application/json", body: '{"status":"success"}' });
    expect(ipn.unreadable).toBeNull();
  });
});
