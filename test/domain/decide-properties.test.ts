import fc from "fast-check";
import { expect, test } from "vitest";
import { decide } from "../../src/domain/decide/decide.ts";
import type { Policy } from "../../src/domain/decide/policy.ts";
import type { DecidingRegistration } from "../../src/domain/decide/weigh.ts";
import { describe } from "../../src/domain/describe.ts";
import { type Evidence, sources } from "../../src/domain/evidence.ts";
import type { Money } from "../../src/domain/money.ts";
import { callbackSays, kes, scheduleSays } from "../support/evidence.ts";

const registeredWith = (amount: Money | null): DecidingRegistration => ({
  kind: "stk_push",
  refs: { checkout_request_id: "ws_CO_1" },
  amount,
});
const registered = registeredWith(kes(5000));

const strengthOf = { registration: "hint", poll: "poll", statement: "statement", operator: "operator" } as const;

const anyEvidence: fc.Arbitrary<Evidence> = fc
  .record({
    source: fc.constantFrom(...sources.filter(s => s !== "registration")),
    signed: fc.boolean(),
    says: fc.constantFrom(
      ...(["completed", "failed", "expired", "refunded", "pending", "processing", "contradiction", "nothing"] as const),
    ),
    kind: fc.constantFrom(...(["stk_push", "c2b"] as const)),
    minor: fc.constantFrom(null, 5000, 4999),
    code: fc.constantFrom("0", "1032", "4999"),
    receipt: fc.constantFrom(null, "TJIKQ7V33N", "TJIKQ7V33P"),
    provisional: fc.boolean(),
    second: fc.nat(3),
    callback: fc.constantFrom(null, "01990000-0000-7000-8000-000000000001", "01990000-0000-7000-8000-000000000002"),
    reading: fc.integer({ min: 1, max: 2 }),
    duplicateOf: fc.constantFrom(null, null, null, "the first"),
  })
  .map(r => {
    if (r.source === "schedule") return scheduleSays(r.second % 2 === 0 ? "expired" : "unresolved");
    const strength = r.source === "callback" ? (r.signed ? "signed" : "hint") : strengthOf[r.source];
    return callbackSays(r.says, {
      source: r.source,
      strength,
      kind: r.kind,
      refs: r.receipt === null ? {} : { receipt: r.receipt },
      result: { code: r.code, description: "" },
      callbackId: r.source === "callback" ? r.callback : null,
      reading: r.source === "callback" && r.callback ? r.reading : 1,
      ...(r.minor !== null && { amount: kes(r.minor) }),
      ...(r.provisional && r.source === "poll" && { provisional: true }),
      ...(r.source === "operator" && { learntAt: new Date(r.second * 1000) }),
      ...(r.duplicateOf !== null && { duplicateOf: r.duplicateOf }),
    });
  });

const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  settleOn: fc.constantFrom(null, "hint", "match", "proof"),
  confirmAbove: fc.constantFrom(null, "49.99", "50.00", "50.01"),
  canPoll: fc.boolean(),
});
const anyRegistration: fc.Arbitrary<DecidingRegistration | null> = fc.constantFrom(
  null,
  registered,
  registeredWith(null),
);

test("any order and any repetition of the same evidence give the same decision and the same facts", () => {
  const history = fc.array(anyEvidence, { maxLength: 7 }).chain(list =>
    fc.tuple(
      fc.constant(list),
      fc
        .tuple(
          fc.shuffledSubarray(list, { minLength: list.length }),
          list.length > 0 ? fc.array(fc.constantFrom(...list), { maxLength: 5 }) : fc.constant([]),
        )
        .map(([all, again]) => [...all, ...again]),
    ),
  );
  fc.assert(
    fc.property(history, anyRegistration, anyPolicy, ([list, shuffled], registration, policy) => {
      const [one, two] = [decide(list, registration, policy), decide(shuffled, registration, policy)];
      expect(two).toEqual(one);
      expect(describe(shuffled, two, null)).toEqual(describe(list, one, null));
    }),
    { numRuns: 2000 },
  );
});

test("more evidence never changes completed, except to refunded or by an operator's decision", () => {
  fc.assert(
    fc.property(
      fc.array(anyEvidence, { maxLength: 6 }),
      anyEvidence,
      anyRegistration,
      anyPolicy,
      (list, e, registration, policy) => {
        fc.pre(list.every(other => other.callbackId === null || other.callbackId !== e.callbackId));
        const [before, after] = [decide(list, registration, policy), decide([...list, e], registration, policy)];
        fc.pre(before.status === "completed" && after.source !== "operator");
        expect(["completed", "refunded"]).toContain(after.status);
      },
    ),
    { numRuns: 2000 },
  );
});
