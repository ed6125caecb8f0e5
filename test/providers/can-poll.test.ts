import { describe, expect, test } from "vitest";
import { kindNames } from "../../src/domain/kinds.ts";
import { canPoll, missingCredentials, whyNotPoll } from "../../src/providers/can-poll.ts";
import { providers } from "../../src/providers/registry.ts";

const daraja = providers.get("daraja")!;
const codian = providers.get("codian")!;
const app = { consumer_key: "k", consumer_secret: "s", shortcode: "174379" };

describe("whether a status can be asked", () => {
  test("hangs on the kind's own credentials: pushes need a passkey, the rest an initiator", () => {
    expect(canPoll(daraja, "stk_push", { ...app, passkey: "p" })).toBe(true);
    expect(canPoll(daraja, "b2c", { ...app, passkey: "p" })).toBe(false);
    const given = { ...app, initiator_name: "api", security_credential: "x" };
    const encrypted = { ...app, initiator_name: "api", initiator_password: "x", certificate: "pem" };
    for (const kind of ["c2b", "b2c", "b2b", "reversal"] as const) {
      expect(canPoll(daraja, kind, given)).toBe(true);
      expect(canPoll(daraja, kind, encrypted)).toBe(true);
      expect(canPoll(daraja, kind, { ...encrypted, certificate: "" })).toBe(false);
    }
  });

  test("names what is absent, of the set that lacks least, and never a value", () => {
    expect(whyNotPoll(daraja, "stk_push", app)).toBe("The status call needs the credential passkey.");
    expect(whyNotPoll(daraja, "b2c", { ...app, initiator_name: "api", initiator_password: "hush" })).toBe(
      "The status call needs the credential security_credential.",
    );
    expect(missingCredentials([["a", "b"]], { a: " " })).toBe("the credentials a, b");
  });

  test("hangs on an id that the question can name, where the transaction is known", () => {
    const credentials = { ...app, passkey: "p" };
    expect(whyNotPoll(daraja, "stk_push", credentials, { checkout_request_id: "ws_CO_1" })).toBeNull();
    expect(whyNotPoll(daraja, "stk_push", credentials, { receipt: "TJIKQ7V33N" })).toContain("checkout_request_id");
    expect(whyNotPoll(daraja, "stk_push", credentials, {})).toContain("provider_refs");
  });

  test("says of a kind without a call that there is none", () => {
    expect(whyNotPoll(providers.get("africastalking")!, "sms", { username: "u", api_key: "k" })).toContain(
      "no status call for sms",
    );
  });

  test("is no for Codian until the connection says on", () => {
    const credentials = { client_id: "c", client_secret: "s" };
    expect(canPoll(codian, "stk_push", credentials)).toBe(false);
    expect(canPoll(codian, "stk_push", { ...credentials, experimental_status: "off" })).toBe(false);
    expect(canPoll(codian, "stk_push", { ...credentials, experimental_status: "On" })).toBe(true);
    expect(whyNotPoll(codian, "stk_push", credentials)).toContain("experimental");
  });
});

describe("what a provider declares of its calls", () => {
  test.each([...providers.values()])("$id: every credential it needs is one it takes", provider => {
    const names = provider.credentials.map(({ name }) => name);
    const kinds = Object.values(provider.status?.kinds ?? {});
    const needed = [
      ...kinds.flatMap(({ credentials, optIn }) => [...credentials.flat(), ...(optIn === undefined ? [] : [optIn])]),
      ...(provider.token?.credentials.flat() ?? []),
      ...Object.values(provider.tokens ?? {}).flatMap(({ credentials }) => credentials.flat()),
      ...(provider.pull?.credentials.flat() ?? []),
      ...(provider.register?.flatMap(({ credentials }) => credentials.flat()) ?? []),
    ];
    for (const name of needed) expect(names).toContain(name);
  });

  test.each([...providers.values()])(
    "$id: it asks only about kinds it knows, at a rate the contract allows",
    provider => {
      for (const kind of Object.keys(provider.status?.kinds ?? {})) {
        expect(provider.kinds).toContain(kind);
        expect(kindNames).toContain(kind);
      }
      for (const rate of Object.values(provider.status?.ratePerMinute ?? {})) {
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(60_000);
      }
    },
  );
});
