import { expect, test } from "vitest";
import type { Verification } from "../../src/connections/verification.ts";
import { redactHeaders, secretHeaders } from "../../src/receive/header-redaction.ts";

const off: Verification = { address: { mode: "off", ranges: [] } };
const verification: Verification = {
  ...off,
  signature: { header: "X-Sign", algorithm: "sha256", encoding: "hex", secret: "a secret" },
  basic: { username: "u", password: "p" },
  header: { name: "X-Key", value: "k" },
};

test("headers that carry secrets are named in lower case, the password's among them", () => {
  expect(secretHeaders(verification).sort()).toEqual(["authorization", "x-key", "x-sign"]);
  expect(secretHeaders(off)).toEqual([]);
});

test("verified secrets and other credentials are replaced, other headers stay", () => {
  const sent = { authorization: "Basic dTpw", cookie: "session=1", "x-key": "k", "x-other": "stays" };
  const stored = { authorization: "[verified]", cookie: "[redacted]", "x-key": "[verified]", "x-other": "stays" };
  expect(redactHeaders(sent, secretHeaders(verification))).toEqual(stored);
  expect(redactHeaders(sent, secretHeaders(off))).toEqual({
    ...sent,
    authorization: "[redacted]",
    cookie: "[redacted]",
  });
});
