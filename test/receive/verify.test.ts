import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Verification } from "../../src/connections/verification.ts";
import { verify } from "../../src/receive/verify.ts";

const off: Verification = { address: { mode: "off", ranges: [] } };
const body = Buffer.from('{"a":1}');
const input = (headers: Record<string, string>, address = "8.8.8.8") => ({ headers, body, address });
const secret = "a secret";

test("without verification every callback passes, as a hint", () => {
  expect(verify(off, input({}))).toEqual({ ok: true, strength: "hint", addressWarning: false });
});

test("every signature made with the secret passes, and no other text does", () => {
  const algorithms = fc.constantFrom("sha256" as const, "sha512" as const);
  const encodings = fc.constantFrom("hex" as const, "base64" as const);
  const prefixes = fc.constantFrom(undefined, "", "sha256=", "v1,");
  fc.assert(
    fc.property(algorithms, encodings, prefixes, fc.string(), (algorithm, encoding, prefix, other) => {
      const signature = { header: "X-Sign", algorithm, encoding, secret, ...(prefix !== undefined && { prefix }) };
      const right = (prefix ?? "") + createHmac(algorithm, secret).update(body).digest(encoding);
      const verification = { ...off, signature };
      expect(verify(verification, input({ "x-sign": right }))).toMatchObject({ ok: true, strength: "signed" });
      fc.pre(other.trim() !== right);
      expect(verify(verification, input({ "x-sign": other }))).toMatchObject({ ok: false, status: 401 });
    }),
  );
});

test("every configured check must pass, and the address comes first", () => {
  const verification: Verification = {
    address: { mode: "enforce", ranges: ["196.201.214.0/24"] },
    basic: { username: "u", password: "p:w" },
    header: { name: "X-Key", value: "k" },
  };
  const basic = `Basic ${Buffer.from("u:p:w").toString("base64")}`;
  const status = (headers: Record<string, string>, address = "196.201.214.7") => {
    const verified = verify(verification, input(headers, address));
    return verified.ok ? 200 : verified.status;
  };
  expect(status({ authorization: basic, "x-key": "k" })).toBe(200);
  expect(status({ authorization: basic, "x-key": "k" }, "8.8.8.8")).toBe(403);
  expect(status({ authorization: basic })).toBe(401);
  expect(status({ "x-key": "k" })).toBe(401);
  expect(status({}, "8.8.8.8")).toBe(403);
});

test("regression: the scheme Basic is read in any letter case, and spaces may follow it", () => {
  const verification: Verification = { ...off, basic: { username: "u", password: "p" } };
  const right = Buffer.from("u:p").toString("base64");
  const isOk = (authorization: string) => verify(verification, input({ authorization })).ok;
  expect(["Basic", "basic", "BASIC", "Basic  "].map(scheme => isOk(`${scheme} ${right}`))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([right, `Bearer ${right}`, `Basic${right}`, "Basic", "Basic "].map(isOk)).toEqual(Array(5).fill(false));
});

test("an address that is not listed is a warning where the mode is log", () => {
  const verification: Verification = { address: { mode: "log", ranges: ["196.201.214.0/24"] } };
  expect(verify(verification, input({}))).toMatchObject({ ok: true, addressWarning: true });
  expect(verify(verification, input({}, "196.201.214.7"))).toMatchObject({ ok: true, addressWarning: false });
});
