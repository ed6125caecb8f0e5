import { expect, test } from "vitest";
import { detailsOf, namedDetails, receiptOf } from "../../../src/providers/kyanda/details.ts";

test.each([
  ["an object", { tokens: "1", units: 2 }],
  ["JSON text", '{"tokens":"1","units":2}'],
  ["a list of objects", [{ tokens: "1" }, { units: 2 }]],
])("details are the same as %s", (_, details) => {
  expect(namedDetails(detailsOf({ Details: details }))).toMatchObject({ tokens: "1", units: 2 });
});

test.each([
  ["null", null],
  ["an empty list", []],
  ["an empty text", ""],
  ["missing", undefined],
  ["JSON null", "null"],
])("details that are %s are none", (_, details) => {
  const found = detailsOf({ details });
  expect(receiptOf(found)).toBeNull();
  expect(namedDetails(found)).toEqual({});
});

test("twenty digits in JSON text are the digits that were sent", () => {
  expect(namedDetails(detailsOf({ details: '{"tokens": 12345678901234567890}' })).tokens).toBe("12345678901234567890");
});

test("a form's nested keys are details", () => {
  expect(detailsOf({ "details[tokens]": "1-2", "details[biller_Receipt]": "AB12" })).toEqual({
    tokens: "1-2",
    biller_Receipt: "AB12",
  });
});

test.each([
  [{ biller_Receipt: "QRA71B0XZ1" }, "QRA71B0XZ1"],
  [{ biller_receiptNo: 105781244210 }, "105781244210"],
  [{ BILLER_RECEIPT: " QRA7 " }, "QRA7"],
  [{ one: "Biller Receipt No: RA124646488", two: "Kyanda Reference: KYA193838833S" }, "RA124646488"],
  [{ one: "biller receipt  no.RA124646488." }, "RA124646488"],
  [{ two: "Receipt Number - 99817" }, "99817"],
  [{ biller_Receipt: "Biller Receipt No: RA55" }, "RA55"],
  [{ one: "Receipt pending" }, null],
  [{ one: { text: "Receipt No: RA12" } }, null],
  [{ biller_Receipt: "" }, null],
])("the receipt of %j is %s", (details, receipt) => {
  expect(receiptOf(details)).toBe(receipt);
});

test("tokens, units, references and vouchers are found by every name", () => {
  const details = { Token: "1-2", UNITS: 3, "Telco Reference": "RA13", voucherPin: 4471, serialNo: "S1", other: "x" };
  expect(namedDetails(details)).toEqual({ tokens: "1-2", units: 3, telco_reference: "RA13", pin: 4471, serial: "S1" });
});

test("a hostile text costs no more than its length", () => {
  const details = detailsOf({
    details: { one: `Receipt${" ".repeat(900_000)}`, two: `receipt ${"a".repeat(900_000)}` },
  });
  expect(receiptOf(details)).toBeNull();
});
