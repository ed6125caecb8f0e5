import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/domain/evidence.ts";
import type { Kind } from "../../src/domain/kinds.ts";
import type { ProviderResponse, Send } from "../../src/providers/call.ts";
import { missingCredentials } from "../../src/providers/can-poll.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { providers } from "../../src/providers/registry.ts";
import { answersOfFolder } from "./folder-answers.ts";
import { damagedBodies, damagedBytes } from "./hostile.ts";
import { accountOf, answerOf, questionOf } from "./poll-over-http.ts";

const id = "ws_CO_18102025233026712345678";
const ownRefs = {
  checkout_request_id: id,
  receipt: "TJIKQ7V33N",
  originator_conversation_id: "16740-34861180-1",
  transaction_ref: "KYAAPI1089772",
  request_id: "ATQid_b4d9e6a7",
  order_number: "20260415A7K9P2XM1140",
};

/** An answer to every question, so that damage begins close to the truth; of other providers in their own folders. */
const seeds: Record<string, object[]> = {
  daraja: [
    { ResponseCode: "0", MerchantRequestID: "1-1-1", CheckoutRequestID: id, ResultCode: "0", ResultDesc: "ok" },
    { requestId: "1-1-1", errorCode: "500.001.1001", errorMessage: "The transaction is being processed" },
    {
      fault: {
        faultstring: "Spike arrest violation",
        detail: { errorcode: "policies.ratelimit.SpikeArrestViolation" },
      },
    },
    { Envelope: { Body: { Fault: { faultcode: "Server", faultstring: "broken" } } } },
    { OriginatorConversationID: "1-1-1", ConversationID: "AG_1", ResponseCode: "0" },
    {
      ResponseCode: "1000",
      Response: [[{ transactionId: "TJIKQ7V33N", trxDate: "2025-10-18T20:13:00Z", amount: "168.00" }]],
    },
    { access_token: "c9SQxWWhmdVRlyh0zh8gZDTkubVF", expires_in: "3599" },
    { "Response Status": "1000", "Response Description": "Registered" },
  ],
  kyanda: [
    { status: "200", details: { Status: "Success", status_code: "0000", Amount: "1500", details: { tokens: "1" } } },
  ],
  kodipay: [
    {
      status: "success",
      data: { orderNumber: ownRefs.order_number, status: "completed", amount: "10", currency: "USD" },
    },
    { access_token: "t0ken", expires_in: 3600 },
  ],
  africastalking: [{ status: "Success", data: { status: "Failed" } }],
  codian: [{ success: true, data: { checkout_request_id: id, ResultCode: "0", Amount: "50" } }],
};

const statuses = fc.constantFrom(200, 200, 200, 201, 302, 400, 401, 403, 404, 408, 429, 500, 502, 503);
const headers = fc.oneof(
  fc.constant({}),
  fc.string({ maxLength: 40 }).map(text => ({ "retry-after": text })),
);

/** Answers that are damaged, broken, or another transaction's. */
function answersOf(provider: Provider): fc.Arbitrary<ProviderResponse> {
  const bodies = fc.constantFrom(...(seeds[provider.id] ?? answersOfFolder(provider.id).answers)).chain(seed =>
    fc.oneof(
      damagedBodies(seed).map(body => encoded(body)),
      damagedBytes.map(damage => damage(encoded(seed))),
      fc.uint8Array({ maxLength: 200 }),
    ),
  );
  return fc.record({ kind: fc.constant("answer" as const), status: statuses, headers, body: bodies });
}

function encoded(body: unknown): Uint8Array {
  try {
    return new TextEncoder().encode(JSON.stringify(body ?? null));
  } catch {
    // Nested too deep for JSON.stringify: written by hand.
    return new TextEncoder().encode(`{"ResponseCode":${'{"deep":'.repeat(50_000)}1${"}".repeat(50_000)}}`);
  }
}

/** Nothing that a log may keep tells a credential, and every finding can be stored. */
function expectSound(told: object): void {
  const text = JSON.stringify(told, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  for (const secret of ["secret", "passkey", "sealed-credential", "client-secret", "api-key"])
    expect(text).not.toContain(`"${secret}"`);
  expect(text).not.toMatch(/(?<!\\)\\u0000|(?<!\\)\\ud[89a-f]/);
}

describe.each([...providers.values()])("$id, answered with anything", provider => {
  const folder = seeds[provider.id] ? { refs: ownRefs, credentials: {} } : answersOfFolder(provider.id);
  const { refs, credentials } = folder;
  const account = accountOf({ credentials });
  const kinds = Object.keys(provider.status?.kinds ?? {}) as Kind[];
  const answers = answersOf(provider);

  test.each(kinds)("asks about %s and never throws", async kind => {
    await fc.assert(
      fc.asyncProperty(answers, fc.boolean(), async (answer, asked) => {
        const provisionalSince = asked ? new Date(account.now.getTime() - 60_000) : null;
        const question = questionOf({ kind, refs, credentials, provisionalSince });
        const told = await provider.status!.poll(question, async () => answer);
        expectSound(told);
        if ("reason" in told) expect(told.reason.length).toBeLessThan(500);
        for (const finding of told.kind === "evidence" ? told.findings : []) {
          expect(finding.identity.length).toBeGreaterThan(0);
          expect(
            finding.identity.every(text => provider.identity(kind, refs).includes(text) || text.startsWith("receipt:")),
          ).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("lists, registers and fetches tokens, and never throws", async () => {
    const window = { from: new Date("2025-10-18T19:00:00Z"), to: account.now };
    await fc.assert(
      fc.asyncProperty(answers, async answer => {
        const send: Send = async () => answer;
        if (provider.pull) expectSound(await provider.pull.page(account, window, 0, send));
        for (const register of provider.register ?? []) expectSound(await register.run(account, send));
        for (const token of [provider.token, ...Object.values(provider.tokens ?? {})]) {
          if (token) expect(token.read(answer, account.now)).toHaveProperty("kind");
        }
      }),
      { numRuns: 300 },
    );
  });

  test("passes trouble on as it came", async () => {
    const trouble = { kind: "throttled", retryAfterS: 9 } as const;
    const send: Send = async () => trouble;
    for (const kind of kinds) {
      expect(await provider.status!.poll(questionOf({ kind, refs, credentials }), send)).toEqual(trouble);
    }
    const window = { from: account.now, to: account.now };
    if (provider.pull) expect(await provider.pull.page(account, window, 0, send)).toEqual(trouble);
    for (const register of provider.register ?? []) expect(await register.run(account, send)).toEqual(trouble);
  });

  test("never sends a credential to where it does not belong: not in a path", async () => {
    for (const kind of kinds) {
      await provider.status!.poll(questionOf({ kind, refs, credentials }), async call => {
        for (const secret of ["api-key", "client-secret", "passkey", "sealed-credential"]) {
          expect(call.path).not.toContain(secret);
        }
        return answerOf(200, {});
      });
    }
  });

  test("asks with everything that it says it needs, and never rejects for what is absent", async () => {
    for (const kind of kinds) {
      const needs = provider.status!.kinds[kind]!.credentials;
      expect(missingCredentials(needs, account.credentials)).toBeNull();
      const bare = { ...questionOf({ kind, refs: {} }), credentials: {}, callbackUrls: {} };
      await expect(provider.status!.poll(bare, async () => answerOf(200, {}))).resolves.toHaveProperty("kind");
    }
  });
});

test("what Daraja hears late is concluded whatever it is", () => {
  const findings = fc.record(
    {
      kind: fc.constantFrom<Kind>("b2c", "b2b", "c2b"),
      says: fc.constantFrom<Finding["says"]>("completed", "failed", "nothing", "processing"),
      refs: fc.constant({}),
      identity: fc.array(fc.string()),
      answersQuestion: fc.boolean(),
      result: fc.record({ code: fc.string(), description: fc.string() }),
    },
    { requiredKeys: ["kind", "says", "refs", "identity"] },
  );
  fc.assert(
    fc.property(findings, heard => {
      const told = providers.get("daraja")!.status!.readDeferredAnswer!(heard as Finding);
      expect(["evidence", "not-yet", "stop"]).toContain(told.kind);
      if (told.kind === "evidence") expect(heard.answersQuestion).toBe(true);
    }),
  );
});
