import { describe, expect, it } from "vitest";
import { callbackUrls } from "../../src/connections/callback-urls.ts";
import { newCallbackToken } from "../../src/connections/token.ts";
import { daraja } from "../../src/providers/daraja/daraja.ts";

describe("a callback token", () => {
  it("contains its shard and 192 random bits", () => {
    expect(newCallbackToken(5)).toMatch(/^05[\w-]{32}$/);
    expect(newCallbackToken(63)).toMatch(/^3f/);
    expect(newCallbackToken(5)).not.toBe(newCallbackToken(5));
  });

  it("never contains a word that its provider refuses in a URL", () => {
    const draws = ["exec", "xxSQLxxx", "MPESA123", "Safaricom", "fine0000"].map(text =>
      Buffer.from(text.padEnd(32, "A"), "base64url"),
    );
    const token = newCallbackToken(5, daraja.refusedUrlWords, () => draws.shift()!);
    expect([token, draws]).toEqual([`05${"fine0000".padEnd(32, "A")}`, []]);
  });

  it("is part of the URL of every channel", () => {
    const provider = { id: "daraja", channels: { stk: {}, "c2b/confirmation": {} } };
    expect(callbackUrls("https://pay.example.com", provider, "05abc")).toEqual({
      stk: "https://pay.example.com/in/daraja/05abc/stk",
      "c2b/confirmation": "https://pay.example.com/in/daraja/05abc/c2b/confirmation",
    });
  });
});
