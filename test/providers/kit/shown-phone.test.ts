import { expect, test } from "vitest";
import { shownPhone } from "../../../src/providers/kit/shown-phone.ts";

const hash = "0d1a2e5f7b90c3d4a6e8f1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6";

test.each([
  ["254794335725", { phone: "+254794335725" }],
  [254794335725, { phone: "+254794335725" }],
  ["0794335725", { phone: "+254794335725" }],
  ["2547 ***** 126", { phoneMasked: "2547 ***** 126" }],
  ["254708***430", { phoneMasked: "254708***430" }],
  [" 0722XXX430 ", { phoneMasked: "0722XXX430" }],
  ["+2547*****430", { phoneMasked: "+2547*****430" }],
  [hash, { phoneSha256: hash }],
  [hash.toUpperCase(), { phoneSha256: hash }],
  [hash.slice(1), {}],
  ["hashed", {}],
  ["******", {}],
  ["Jane *** Doe 123", {}],
  ["1234567890123456789012345678901234567890", {}],
  ["", {}],
  [null, {}],
  [{}, {}],
])("%j is shown as %j", (value, shown) => {
  expect(shownPhone(value, "KE")).toEqual(shown);
});

test("a number without its country code is one of the connection's country", () => {
  expect(shownPhone("0911234567", "ET")).toEqual({ phone: "+251911234567" });
});
