import fc from "fast-check";
import { expect, describe as group, test } from "vitest";
import { type Decision, decide, type Policy, type Registered } from "../../src/domain/decide.ts";
import { describe } from "../../src/domain/describe.ts";
import { type Evidence, sources } from "../../src/domain/evidence.ts";
import { kes, learnt, ordered, polled, scheduled } from "../support/evidence.ts";

const plain: Policy = { settleOn: null, confirmAbove: null, canPoll: true };
const unknown: Registered = { registered: false, amount: null };
const registered: Registered = { registered: true, amount: kes(5000) };

const outcome = ({ status, source, review, pollNow }: Decision) => ({
  status,
  source,
  review: review?.reason ?? null,
  pollNow,
});
const decided = (evidence: Evidence[], known: Registered = registered, policy: Partial<Policy> = {}) =>
  outcome(decide(evidence, known, { ...plain, ...policy }));

const signed = { strength: "signed" } as const;

group("what counts", () => {
  test("a hint settles what is registered, if its amount is the registered one or absent", () => {
    expect(decided([learnt("completed", { amount: kes(5000) })])).toMatchObject({
      status: "completed",
      source: "callback",
    });
    expect(decided([learnt("completed")])).toMatchObject({ status: "completed" });
    expect(decided([learnt("failed")])).toMatchObject({ status: "failed" });
  });

  test("a hint about what nobody registered settles nothing: the provider is asked at once", () => {
    expect(decided([learnt("completed")], unknown)).toEqual({
      status: "pending",
      source: "callback",
      review: null,
      pollNow: true,
    });
  });

  test("where the provider cannot be asked either, somebody has to look", () => {
    expect(decided([learnt("completed")], unknown, { canPoll: false })).toMatchObject({
      status: "pending",
      review: "unregistered",
      pollNow: false,
    });
  });

  test("regression-015: a success that does not count is shown beside a failure too, where nobody can be asked", () => {
    const policy = { confirmAbove: "50.00", canPoll: false };
    const [paid, failed] = [learnt("completed", { amount: kes(5000) }), learnt("failed")];
    expect(decided([paid, failed], registered, policy)).toMatchObject({ status: "failed", review: "unregistered" });
    expect(decided([paid, scheduled("expired")], registered, policy)).toMatchObject({
      status: "expired",
      review: "unregistered",
    });
    expect(decided([paid, failed, polled("completed")], registered, policy)).toMatchObject({
      status: "completed",
      review: null,
    });
  });

  test("an unheard failure asks nobody: the schedule does", () => {
    expect(decided([learnt("failed")], unknown)).toMatchObject({ status: "pending", review: null, pollNow: false });
  });

  test("a signature, an answer and a statement settle what nobody registered", () => {
    for (const e of [
      learnt("completed", signed),
      polled("completed"),
      learnt("completed", { source: "statement", strength: "statement" }),
    ])
      expect(decided([e], unknown)).toMatchObject({ status: "completed", source: e.source, pollNow: false });
  });

  test("settle_on hint settles on any callback, proof on none without a signature", () => {
    expect(decided([learnt("completed")], unknown, { settleOn: "hint" })).toMatchObject({ status: "completed" });
    expect(decided([learnt("completed")], registered, { settleOn: "proof" })).toMatchObject({
      status: "pending",
      pollNow: true,
    });
    expect(decided([learnt("failed")], registered, { settleOn: "proof" })).toMatchObject({ status: "pending" });
    expect(decided([learnt("completed", signed)], registered, { settleOn: "proof" })).toMatchObject({
      status: "completed",
    });
  });

  test("there is nothing to register for C2B, SMS and e-mail: a hint settles them, unless the connection says otherwise", () => {
    for (const kind of ["c2b", "sms", "email"] as const) {
      expect(decided([learnt("completed", { kind })], unknown)).toMatchObject({ status: "completed" });
      expect(decided([learnt("completed", { kind })], unknown, { settleOn: "match" })).toMatchObject({
        status: "pending",
      });
    }
  });

  test("from confirm_above on a success needs proof, a failure does not", () => {
    const policy = { confirmAbove: "50.00" };
    expect(decided([learnt("completed", { amount: kes(5000) })], registered, policy)).toMatchObject({
      status: "pending",
      pollNow: true,
    });
    const below = { registered: true, amount: kes(4999) };
    expect(decided([learnt("completed", { amount: kes(4999) })], below, policy)).toMatchObject({ status: "completed" });
    expect(decided([learnt("failed")], registered, policy)).toMatchObject({ status: "failed" });
    expect(decided([polled("completed")], registered, policy)).toMatchObject({ status: "completed" });
  });

  test("from confirm_above on an amount that nobody knows may be any", () => {
    const known = { registered: true, amount: null };
    expect(decided([learnt("completed")], known, { confirmAbove: "50.00" })).toMatchObject({ status: "pending" });
  });

  test("a refund that does not count is asked about too, even where the payment is settled", () => {
    expect(decided([learnt("refunded")], unknown)).toMatchObject({ status: "pending", pollNow: true });
    const proof = { settleOn: "proof" } as const;
    expect(decided([polled("completed"), learnt("refunded")], registered, proof)).toMatchObject({
      status: "completed",
      pollNow: true,
    });
    expect(decided([polled("completed"), polled("refunded"), learnt("refunded")], registered, proof)).toMatchObject({
      status: "refunded",
      pollNow: false,
    });
  });
});

group("what wins", () => {
  test("an operator's latest word beats everything and closes the review", () => {
    const evidence = [polled("completed"), polled("failed"), ordered("refunded", 1), ordered("failed", 2)];
    expect(decided(evidence)).toEqual({ status: "failed", source: "operator", review: null, pollNow: false });
  });

  test("a refund beats a success, a success every failure, whatever their strength", () => {
    expect(decided([learnt("refunded"), polled("completed")])).toMatchObject({ status: "refunded" });
    expect(decided([learnt("completed"), polled("failed")])).toMatchObject({ status: "completed" });
    expect(decided([learnt("completed"), polled("expired")])).toMatchObject({ status: "completed" });
  });

  test("among failures the strongest wins", () => {
    expect(decided([learnt("failed"), polled("expired")])).toMatchObject({ status: "expired", source: "poll" });
    expect(decided([learnt("expired"), polled("failed")])).toMatchObject({ status: "failed", source: "poll" });
  });

  test("what the schedule says yields to whatever anybody told", () => {
    expect(decided([scheduled("expired")])).toMatchObject({ status: "expired", source: "schedule" });
    expect(decided([scheduled("expired"), learnt("failed")])).toMatchObject({ status: "failed", source: "callback" });
    expect(decided([scheduled("expired"), learnt("completed")])).toMatchObject({ status: "completed", review: null });
  });

  test("a reversal that succeeded counts, however little the connection believes", () => {
    const given = learnt("refunded", { reversedBy: "another transaction" });
    expect(decided([polled("completed"), given], unknown, { settleOn: "proof" })).toMatchObject({ status: "refunded" });
  });
});

group("what is open", () => {
  test("nothing final is processing where anything says so, else pending", () => {
    expect(decided([])).toEqual({ status: "pending", source: "registration", review: null, pollNow: false });
    expect(decided([learnt("pending"), learnt("nothing")])).toMatchObject({ status: "pending" });
    expect(decided([learnt("pending"), polled("processing")])).toMatchObject({ status: "processing", source: "poll" });
  });

  test("asking that ended without an answer is unresolved, never failed, and yields to anything final", () => {
    expect(decided([scheduled("unresolved"), polled("processing")])).toEqual({
      status: "unresolved",
      source: "schedule",
      review: "unresolved",
      pollNow: false,
    });
    for (const says of ["completed", "failed", "expired", "refunded"] as const)
      expect(decided([scheduled("unresolved"), learnt(says)])).toMatchObject({ status: says, review: null });
  });

  test("a failure that is not believed yet settles nothing and contradicts nothing", () => {
    const doubted = polled("failed", { provisional: true });
    expect(decided([doubted])).toMatchObject({ status: "pending", review: null });
    expect(decided([doubted, learnt("completed")])).toMatchObject({ status: "completed", review: null });
  });
});

group("what somebody has to look at", () => {
  test("an answer against a success is a conflict; a mere hint against it is none", () => {
    expect(decided([learnt("completed"), polled("failed")])).toMatchObject({ status: "completed", review: "conflict" });
    expect(decided([learnt("completed"), learnt("failed", signed)])).toMatchObject({ review: "conflict" });
    expect(decided([polled("completed"), learnt("failed")])).toMatchObject({ review: null });
    expect(decided([polled("completed"), learnt("expired")])).toMatchObject({ review: null });
  });

  test("a success with another amount or currency settles nothing, until one counts or an operator decides", () => {
    const wrong = learnt("completed", { amount: kes(4999) });
    const foreign = polled("completed", { amount: { minor: 5000n, currency: "USD" } });
    for (const e of [wrong, foreign])
      expect(decided([e])).toEqual({
        status: "pending",
        source: "registration",
        review: "amount_mismatch",
        pollNow: false,
      });
    expect(decided([wrong, learnt("failed")])).toMatchObject({ status: "failed", review: "amount_mismatch" });
    expect(decided([wrong, scheduled("unresolved")])).toMatchObject({
      status: "unresolved",
      review: "amount_mismatch",
    });
    expect(decided([wrong, polled("completed")])).toMatchObject({ status: "completed", review: null });
    expect(decided([wrong, ordered("failed", 1)])).toMatchObject({ status: "failed", review: null });
  });

  test("an answer that contradicts itself settles nothing, and is forgotten once something does", () => {
    const torn = polled("contradiction");
    expect(decided([torn])).toMatchObject({ status: "pending", review: "conflict" });
    expect(decided([torn, learnt("completed")])).toMatchObject({ status: "completed", review: null });
  });

  test("a receipt that another transaction has asks for a review and names the other", () => {
    const twin = learnt("nothing", { duplicateOf: "the first" });
    const decision = decide([learnt("completed"), twin], registered, plain);
    expect(decision).toMatchObject({
      status: "completed",
      review: { reason: "duplicate_receipt", duplicateOf: "the first" },
    });
  });
});

test("a callback that was read again speaks by its latest reading only", () => {
  const callbackId = "01990000-0000-7000-8000-000000000001";
  const first = learnt("failed", { callbackId, reading: 1 });
  const again = learnt("completed", { callbackId, reading: 2 });
  expect(decided([again, first])).toMatchObject({ status: "completed" });
});

test("regression-016: what a callback was misread for is not shown any more once it was read again", () => {
  const callbackId = "01990000-0000-7000-8000-000000000001";
  const first = learnt("pending", { callbackId, reading: 1, phone: "+254700000001", details: { units: "3" } });
  const again = learnt("pending", { callbackId, reading: 2, details: { tokens: "1" } });
  const shown = describe([first, again], decide([first, again], registered, plain), null);
  expect(shown).toMatchObject({ phone: null });
  expect(shown.details).toEqual({ tokens: "1" });
});

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
    twin: fc.constantFrom(null, null, null, "the first"),
  })
  .map(r => {
    if (r.source === "schedule") return scheduled(r.second % 2 === 0 ? "expired" : "unresolved");
    const strength = r.source === "callback" ? (r.signed ? "signed" : "hint") : strengthOf[r.source];
    return learnt(r.says, {
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
      ...(r.twin !== null && { duplicateOf: r.twin }),
    });
  });

const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  settleOn: fc.constantFrom(null, "hint", "match", "proof"),
  confirmAbove: fc.constantFrom(null, "49.99", "50.00", "50.01"),
  canPoll: fc.boolean(),
});
const anyRegistered: fc.Arbitrary<Registered> = fc.constantFrom(unknown, registered, {
  registered: true,
  amount: null,
});

test("any order and any repetition of the same evidence come to the same decision and the same facts", () => {
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
    fc.property(history, anyRegistered, anyPolicy, ([list, other], known, policy) => {
      const [one, two] = [decide(list, known, policy), decide(other, known, policy)];
      expect(two).toEqual(one);
      expect(describe(other, two, null)).toEqual(describe(list, one, null));
    }),
    { numRuns: 2000 },
  );
});

test("more evidence never takes a completed transaction back, but for a refund or an operator's word", () => {
  fc.assert(
    fc.property(
      fc.array(anyEvidence, { maxLength: 6 }),
      anyEvidence,
      anyRegistered,
      anyPolicy,
      (list, e, known, policy) => {
        fc.pre(list.every(other => other.callbackId === null || other.callbackId !== e.callbackId));
        const [before, after] = [decide(list, known, policy), decide([...list, e], known, policy)];
        fc.pre(before.status === "completed" && after.source !== "operator");
        expect(["completed", "refunded"]).toContain(after.status);
      },
    ),
    { numRuns: 2000 },
  );
});
