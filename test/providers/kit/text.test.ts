import { expect, test } from "vitest";
import { canonicalJson } from "../../../src/domain/json.ts";
import { identityOf } from "../../../src/providers/kit/identity.ts";
import { keyOf } from "../../../src/providers/kit/key.ts";
import { payloadProblem } from "../../../src/providers/kit/payload.ts";
import { idOf, present, receiptOf, textOf } from "../../../src/providers/kit/text.ts";

test("text is text, number or boolean, and nothing else", () => {
  expect([textOf(" a "), textOf(5), textOf(0), textOf(false)]).toEqual(["a", "5", "0", "false"]);
  for (const value of [{}, [], ["a"], null, undefined, "", "  ", Number.NaN, () => 1, Symbol("a"), 5n])
    expect(textOf(value)).toBeNull();
});

test("text that a database refuses is replaced, and text without end is cut", () => {
  expect(textOf("a\u0000b\ud800c")).toBe("a\uFFFDb\uFFFDc");
  expect(textOf("😀")).toBe("😀");
  expect(textOf("x".repeat(1_000_000))).toHaveLength(1000);
});

test("an id is short, whole and printable", () => {
  expect([idOf(" ws_CO_1 "), idOf(4711)]).toEqual(["ws_CO_1", "4711"]);
  for (const value of ["", "a\u0000b", "a\nb", "a\uFFFD", "\ud800", "x".repeat(201), 1.5, 2 ** 60, true, {}, null])
    expect(idOf(value)).toBeNull();
  expect(receiptOf(" tjikq7v33n ")).toBe("TJIKQ7V33N");
});

test("details are what has a text", () => {
  expect(present({ a: 1, b: "", c: null, d: {} })).toEqual({ a: "1" });
  expect(present({ b: "" })).toBeUndefined();
});

test("identity texts name what is there, receipts in upper case", () => {
  const identity = identityOf("checkout_request_id", "receipt");
  expect(identity({ receipt: " tji ", checkout_request_id: "ws_CO_1", merchant_request_id: "m" })).toEqual([
    "checkout_request_id:ws_CO_1",
    "receipt:TJI",
  ]);
  expect(identity({ merchant_request_id: "m" })).toEqual([]);
});

test("two lists of parts never share a key", () => {
  expect(keyOf("a", "b")).toBe("a:b");
  expect(keyOf("a:b")).not.toBe(keyOf("a", "b"));
  expect(keyOf("a\\", "b")).not.toBe(keyOf("a\\:b"));
  expect(keyOf(null, "b")).toBeNull();
  expect(keyOf("a", "x".repeat(10_000))!.length).toBeLessThan(100);
});

test("canonical JSON does not know the order of keys", () => {
  expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
  expect(canonicalJson(JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`))).toBeNull();
});

test("a payload is passed on unless a database or a stack would break on it", () => {
  expect(payloadProblem({ text: "\\u0000 😀 \\\\ud800" })).toBeNull();
  for (const harm of ["\u0000", "\ud800", "\\\u0000", "\\\\\udfff"])
    expect(payloadProblem({ [harm]: 1, a: [harm] })?.message).toMatch(/characters/);
  expect(payloadProblem(JSON.parse(`{"a":${"[".repeat(100)}${"]".repeat(100)}}`))?.message).toMatch(/deeper/);
});
