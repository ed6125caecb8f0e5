import { expect, test } from "vitest";
import { fieldsAt, fieldsOf, listOf } from "../../../src/providers/kit/fields.ts";
import { namedValues } from "../../../src/providers/kit/named-values.ts";

test("a field is found whatever its letter case, and its exact spelling comes first", () => {
  expect(fieldsOf({ Status: "a" })("status")).toBe("a");
  expect(fieldsOf({ Status: "a", status: "b" })("status")).toBe("b");
  expect(fieldsOf({ STATUS: "a", Status: "b" })("status")).toBe("a");
  expect(fieldsOf({ Status: "b", STATUS: "a" })("status")).toBe("a");
});

test("a field that is null or blank is not there", () => {
  expect(fieldsOf({ status: " ", Status: "b" })("status")).toBe("b");
  expect(fieldsOf({ status: null, other: 0 })("status", "other")).toBe(0);
  expect(fieldsOf({ status: false })("status")).toBe(false);
});

test("what every object inherits is no field", () => {
  for (const name of ["constructor", "toString", "__proto__"]) expect(fieldsOf({})(name)).toBeUndefined();
  expect(fieldsOf(JSON.parse('{"__proto__":"own"}'))("__proto__")).toBe("own");
});

test("only objects have fields", () => {
  for (const value of [null, undefined, "text", 5, ["a"]]) expect(fieldsOf(value)("0", "length")).toBeUndefined();
  expect(fieldsAt({ Body: [{ stkCallback: 1 }] }, "Body")("stkCallback")).toBeUndefined();
  expect(fieldsAt({ body: { STKCallback: { id: 1 } } }, "Body", "stkCallback")("id")).toBe(1);
});

test("one is a list of one, and missing is none", () => {
  expect(listOf({ a: 1 })).toEqual([{ a: 1 }]);
  expect(listOf([1, 2])).toEqual([1, 2]);
  expect([listOf(null), listOf(undefined)]).toEqual([[], []]);
});

test("named values are the same as a list, as one item, by themselves and as a flat object", () => {
  const items = [{ Name: "Amount", Value: 5 }, { Name: "Balance" }, { Name: "Amount", Value: 6 }];
  for (const container of [{ Item: items }, { Item: items[0] }, items, { Amount: 5 }, { item: items }]) {
    const values = namedValues(container, "Item", "Name");
    expect(values("amount")).toBe(5);
    expect(values("Balance")).toBeUndefined();
  }
  expect(namedValues([{ Key: "Conversation ID", Value: "c" }], "ResultParameter", "Key")("ConversationID")).toBe("c");
});

test("named values of anything else are none", () => {
  for (const container of [null, undefined, "text", 5, {}, { Item: null }, [null, 1, "a", { Name: 5, Value: 1 }]])
    expect(namedValues(container, "Item", "Name")("Amount")).toBeUndefined();
});
