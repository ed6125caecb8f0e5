import { describe, expect, test } from "vitest";
import { daraja } from "../../../src/providers/daraja/daraja.ts";
import { readPage } from "../../../src/providers/daraja/pull.ts";
import { accountOf, answerOf } from "../poll-over-http.ts";

const now = new Date("2025-10-18T20:30:26.000Z");
const row = {
  transactionId: "tjikq7v33n",
  trxDate: "2025-10-18T20:13:00Z",
  msisdn: 254722000111,
  sender: "MPESA",
  transactiontype: "c2b-pay-bill-debit",
  billreference: " order-1 ",
  amount: "168.00",
  organizationname: "Another Shop",
};
const page = (rows: unknown, ResponseCode: unknown = "1000") => ({
  ResponseRefID: "26178-1-2",
  ResponseCode,
  Response: rows,
});

test("the window is asked for on a Nairobi clock, from an offset", async () => {
  const calls: object[] = [];
  const window = { from: new Date("2025-10-18T19:00:00.000Z"), to: new Date("2025-10-18T21:30:05.000Z") };
  await daraja.pull!.page(accountOf(), window, 200, async call => {
    calls.push(call);
    return answerOf(200, page([[]], "1001"));
  });
  expect(calls).toMatchObject([{ method: "POST", path: "/pulltransactions/v1/query", auth: "bearer" }]);
  expect(JSON.parse((calls[0] as { body: string }).body)).toEqual({
    ShortCode: "174379",
    StartDate: "2025-10-18 22:00:00",
    EndDate: "2025-10-19 00:30:05",
    OffSetValue: "200",
  });
});

describe("a page", () => {
  test("has a payment for each row, identified by its receipt", () => {
    expect(readPage(answerOf(200, page([[row]])), 0, { now, settings: {} })).toEqual({
      kind: "page",
      rows: 1,
      problems: [],
      nextOffset: 1,
      findings: [
        {
          kind: "c2b",
          says: "completed",
          refs: { receipt: "TJIKQ7V33N" },
          identity: ["receipt:TJIKQ7V33N"],
          amount: { minor: 16800n, currency: "KES" },
          reference: "order-1",
          phone: "+254722000111",
          occurredAt: new Date("2025-10-18T20:13:00.000Z"),
          details: { transaction_type: "c2b-pay-bill-debit", sender: "MPESA" },
        },
      ],
    });
  });

  test("is read as a list of lists, as a list, and as one row", () => {
    for (const rows of [[[row]], [row], row]) {
      expect(readPage(answerOf(200, page(rows)), 5, { now, settings: {} })).toMatchObject({ rows: 1, nextOffset: 6 });
    }
  });

  test("names the rows that cannot be read, by their place, and keeps the others", () => {
    const rows = [[row, { ...row, amount: "-5" }, { ...row, transactionId: "" }, { ...row, amount: null }]];
    const read = readPage(answerOf(200, page(rows)), 10, { now, settings: {} });
    expect(read).toMatchObject({
      kind: "page",
      rows: 4,
      nextOffset: 14,
      findings: [{ refs: { receipt: "TJIKQ7V33N" } }],
    });
    const paths = read.kind === "page" ? read.problems.map(problem => problem.path) : [];
    expect(paths).toEqual(["Response.11.amount", "Response.12.transactionId", "Response.13.amount"]);
  });

  test.each(["c2b-reversal", "b2c-payment", "c2b-charge", "Account transfer"])(
    "books no row of type %s",
    transactiontype => {
      const read = readPage(answerOf(200, page([[{ ...row, transactiontype }]])), 0, { now, settings: {} });
      expect(read).toMatchObject({ findings: [], problems: [{ path: "Response.0.transactiontype" }] });
    },
  );

  test.each(["c2b-pay-bill-debit", "c2b-buy-goods-debit", "Pay Bill", "Customer Merchant Payment", ""])(
    "books a row of type %j",
    transactiontype => {
      const read = readPage(answerOf(200, page([[{ ...row, transactiontype }]])), 0, { now, settings: {} });
      expect(read).toMatchObject({ findings: [{ says: "completed" }], problems: [] });
    },
  );

  test.each([
    ["1001", page([[]], "1001")],
    ["1001 with rows left in it", page([[row]], "1001")],
    ["1000 and nothing", page([[]])],
    ["500 in its body", page([], 500)],
  ])("with %s is the last, and proves nothing", (_name, body) => {
    expect(readPage(answerOf(200, body), 100, { now, settings: {} })).toEqual({
      kind: "page",
      findings: [],
      problems: [],
      rows: 0,
      nextOffset: null,
    });
  });

  test("that is refused is no page", () => {
    expect(readPage(answerOf(200, page([[row]], "1002")), 0, { now, settings: {} })).toMatchObject({
      kind: "refused",
      code: "1002",
    });
    expect(readPage(answerOf(200, {}), 0, { now, settings: {} })).toMatchObject({ kind: "unavailable" });
    expect(readPage(answerOf(401, ""), 0, { now, settings: {} })).toMatchObject({
      kind: "credentials-refused",
      token: true,
    });
    expect(readPage(answerOf(429, ""), 0, { now, settings: {} })).toMatchObject({ kind: "throttled" });
    expect(readPage(answerOf(500, "<html>"), 0, { now, settings: {} })).toMatchObject({ kind: "unavailable" });
  });

  test("names few problems however many there are", () => {
    const read = readPage(answerOf(200, page([Array(5000).fill({})])), 0, { now, settings: {} });
    expect(read.kind === "page" && read.problems.length).toBeLessThan(100);
    expect(read).toMatchObject({ rows: 5000, nextOffset: 5000 });
  });
});
