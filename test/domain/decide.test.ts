import { expect, describe as group, test } from "vitest";
import { decide } from "../../src/domain/decide/decide.ts";
import type { Policy } from "../../src/domain/decide/policy.ts";
import type { DecidingRegistration } from "../../src/domain/decide/weigh.ts";
import { describe } from "../../src/domain/describe.ts";
import type { Evidence } from "../../src/domain/evidence.ts";
import type { Money } from "../../src/domain/money.ts";
import { callbackSays, kes, operatorSays, pollSays, scheduleSays, statementSays } from "../support/evidence.ts";

const defaultPolicy: Policy = { settleOn: null, confirmAbove: null, canPoll: true };
const registeredWith = (amount: Money | null): DecidingRegistration => ({
  kind: "stk_push",
  refs: { checkout_request_id: "ws_CO_1" },
  amount,
});
const registered = registeredWith(kes(5000));

/** The decision on a transaction that is registered with 50.00 KES, unless `registration` says otherwise. */
function decided(
  evidence: Evidence[],
  registration: DecidingRegistration | null = registered,
  policy: Partial<Policy> = {},
) {
  const { status, source, review, pollNow } = decide(evidence, registration, { ...defaultPolicy, ...policy });
  return { status, source, review: review?.reason ?? null, pollNow };
}

const paid = { amount: kes(5000) };
const signed = { strength: "signed" } as const;

group("what counts", () => {
  test("a hint settles a registered transaction if its amount is the registered one", () => {
    expect(decided([callbackSays("completed", { amount: kes(5000) })])).toMatchObject({
      status: "completed",
      source: "callback",
    });
    expect(decided([callbackSays("completed", paid)])).toMatchObject({ status: "completed" });
    expect(decided([callbackSays("failed")])).toMatchObject({ status: "failed" });
  });

  test("a hint about an unregistered transaction settles nothing, and the provider is polled at once", () => {
    expect(decided([callbackSays("completed", paid)], null)).toEqual({
      status: "pending",
      source: "callback",
      review: null,
      pollNow: true,
    });
  });

  test("an unregistered success needs a review where the provider cannot be polled", () => {
    expect(decided([callbackSays("completed", paid)], null, { canPoll: false })).toMatchObject({
      status: "pending",
      review: "unregistered",
      pollNow: false,
    });
  });

  test("regression: a success that does not count needs a review beside a failure too, where the provider cannot be polled", () => {
    const policy = { confirmAbove: "50.00", canPoll: false };
    const [paid, failed] = [callbackSays("completed", { amount: kes(5000) }), callbackSays("failed")];
    expect(decided([paid, failed], registered, policy)).toMatchObject({ status: "failed", review: "needs_proof" });
    expect(decided([paid, scheduleSays("expired")], registered, policy)).toMatchObject({
      status: "expired",
      review: "needs_proof",
    });
    expect(decided([paid, failed, pollSays("completed")], registered, policy)).toMatchObject({
      status: "completed",
      review: null,
    });
  });

  test("a failure that does not count requests no poll", () => {
    expect(decided([callbackSays("failed")], null)).toMatchObject({ status: "pending", review: null, pollNow: false });
  });

  test("a signed callback, a poll and a statement settle an unregistered transaction", () => {
    for (const e of [callbackSays("completed", signed), pollSays("completed"), statementSays("completed")])
      expect(decided([e], null)).toMatchObject({ status: "completed", source: e.source, pollNow: false });
  });

  test("settle_on hint settles on every callback, settle_on proof only on a signed one", () => {
    expect(decided([callbackSays("completed", paid)], null, { settleOn: "hint" })).toMatchObject({
      status: "completed",
    });
    expect(decided([callbackSays("completed", paid)], registered, { settleOn: "proof" })).toMatchObject({
      status: "pending",
      pollNow: true,
    });
    expect(decided([callbackSays("failed")], registered, { settleOn: "proof" })).toMatchObject({ status: "pending" });
    expect(decided([callbackSays("completed", signed)], registered, { settleOn: "proof" })).toMatchObject({
      status: "completed",
    });
  });

  test("a hint settles C2B, SMS and e-mail, unless the connection says otherwise", () => {
    for (const kind of ["c2b", "sms", "email"] as const) {
      expect(decided([callbackSays("completed", { kind })], null)).toMatchObject({ status: "completed" });
      expect(decided([callbackSays("completed", { kind })], null, { settleOn: "match" })).toMatchObject({
        status: "pending",
      });
    }
  });

  test("from confirm_above up a success needs proof, and a failure does not", () => {
    const policy = { confirmAbove: "50.00" };
    expect(decided([callbackSays("completed", { amount: kes(5000) })], registered, policy)).toMatchObject({
      status: "pending",
      pollNow: true,
    });
    const below = registeredWith(kes(4999));
    expect(decided([callbackSays("completed", { amount: kes(4999) })], below, policy)).toMatchObject({
      status: "completed",
    });
    expect(decided([callbackSays("failed")], registered, policy)).toMatchObject({ status: "failed" });
    expect(decided([pollSays("completed")], registered, policy)).toMatchObject({ status: "completed" });
  });

  test("a success of an unknown amount needs proof where confirm_above is set", () => {
    expect(decided([callbackSays("completed", paid)], registeredWith(null), { confirmAbove: "50.00" })).toMatchObject({
      status: "pending",
    });
  });

  test("a refund that does not count requests a poll, of a completed payment too", () => {
    expect(decided([callbackSays("refunded")], null)).toMatchObject({ status: "pending", pollNow: true });
    const proof = { settleOn: "proof" } as const;
    expect(decided([pollSays("completed"), callbackSays("refunded")], registered, proof)).toMatchObject({
      status: "completed",
      pollNow: true,
    });
    expect(
      decided([pollSays("completed"), pollSays("refunded"), callbackSays("refunded")], registered, proof),
    ).toMatchObject({
      status: "refunded",
      pollNow: false,
    });
  });
});

group("which status wins", () => {
  test("an operator's latest decision beats all other evidence and closes the review", () => {
    const evidence = [
      pollSays("completed"),
      pollSays("failed"),
      operatorSays("refunded", 1),
      operatorSays("failed", 2),
    ];
    expect(decided(evidence)).toEqual({ status: "failed", source: "operator", review: null, pollNow: false });
  });

  test("a refund beats a success, a success every failure, whatever their strength", () => {
    expect(decided([callbackSays("refunded"), pollSays("completed")])).toMatchObject({ status: "refunded" });
    expect(decided([callbackSays("completed", paid), pollSays("failed")])).toMatchObject({ status: "completed" });
    expect(decided([callbackSays("completed", paid), pollSays("expired")])).toMatchObject({ status: "completed" });
  });

  test("among failures the strongest wins", () => {
    expect(decided([callbackSays("failed"), pollSays("expired")])).toMatchObject({ status: "expired", source: "poll" });
    expect(decided([callbackSays("expired"), pollSays("failed")])).toMatchObject({ status: "failed", source: "poll" });
  });

  test("an expiry by the schedule yields to every other final evidence", () => {
    expect(decided([scheduleSays("expired")])).toMatchObject({ status: "expired", source: "schedule" });
    expect(decided([scheduleSays("expired"), callbackSays("failed")])).toMatchObject({
      status: "failed",
      source: "callback",
    });
    expect(decided([scheduleSays("expired"), callbackSays("completed", paid)])).toMatchObject({
      status: "completed",
      review: null,
    });
  });

  test("a refund by a completed reversal counts, whatever settle_on says", () => {
    const refund = callbackSays("refunded", { reversedBy: "another transaction" });
    expect(decided([pollSays("completed"), refund], null, { settleOn: "proof" })).toMatchObject({ status: "refunded" });
  });
});

group("while nothing final counts", () => {
  test("a transaction is processing where any evidence says so, else pending", () => {
    expect(decided([])).toEqual({ status: "pending", source: "registration", review: null, pollNow: false });
    expect(decided([callbackSays("pending"), callbackSays("nothing")])).toMatchObject({ status: "pending" });
    expect(decided([callbackSays("pending"), pollSays("processing")])).toMatchObject({
      status: "processing",
      source: "poll",
    });
  });

  test("polling that ended without an answer is unresolved, never failed, and yields to any final evidence", () => {
    expect(decided([scheduleSays("unresolved"), pollSays("processing")])).toEqual({
      status: "unresolved",
      source: "schedule",
      review: "unresolved",
      pollNow: false,
    });
    for (const says of ["completed", "failed", "expired", "refunded"] as const)
      expect(decided([scheduleSays("unresolved"), callbackSays(says, says === "completed" ? paid : {})])).toMatchObject(
        { status: says, review: null },
      );
  });

  test("a provisional failure settles nothing and raises no conflict", () => {
    const provisional = pollSays("failed", { provisional: true });
    expect(decided([provisional])).toMatchObject({ status: "pending", review: null });
    expect(decided([provisional, callbackSays("completed", paid)])).toMatchObject({
      status: "completed",
      review: null,
    });
  });
});

group("what needs a review", () => {
  test("a failure of strength signed or above against a success is a conflict, and a hint is not", () => {
    expect(decided([callbackSays("completed", paid), pollSays("failed")])).toMatchObject({
      status: "completed",
      review: "conflict",
    });
    expect(decided([callbackSays("completed", paid), callbackSays("failed", signed)])).toMatchObject({
      review: "conflict",
    });
    expect(decided([pollSays("completed"), callbackSays("failed")])).toMatchObject({ review: null });
    expect(decided([pollSays("completed"), callbackSays("expired")])).toMatchObject({ review: null });
  });

  test("a success of another amount or currency needs a review until one with the right one counts or an operator decides", () => {
    const wrong = callbackSays("completed", { amount: kes(4999) });
    const foreign = pollSays("completed", { amount: { minor: 5000n, currency: "USD" } });
    for (const e of [wrong, foreign])
      expect(decided([e])).toEqual({
        status: "pending",
        source: "registration",
        review: "amount_mismatch",
        pollNow: true,
      });
    expect(decided([wrong, callbackSays("failed")])).toMatchObject({ status: "failed", review: "amount_mismatch" });
    expect(decided([wrong, scheduleSays("unresolved")])).toMatchObject({
      status: "unresolved",
      review: "amount_mismatch",
    });
    expect(decided([wrong, pollSays("completed", paid)])).toMatchObject({ status: "completed", review: null });
    expect(decided([wrong, operatorSays("failed", 1)])).toMatchObject({ status: "failed", review: null });
  });

  test("an answer that contradicts itself needs a review until the transaction is final", () => {
    const contradiction = pollSays("contradiction");
    expect(decided([contradiction])).toMatchObject({ status: "pending", review: "conflict" });
    expect(decided([contradiction, callbackSays("completed", paid)])).toMatchObject({
      status: "completed",
      review: null,
    });
  });

  test("a dispute needs a review where it is signed, and changes no status", () => {
    const disputed = callbackSays("disputed", signed);
    expect(decided([pollSays("completed"), disputed])).toMatchObject({ status: "completed", review: "conflict" });
    expect(decided([disputed])).toMatchObject({ status: "pending", review: "conflict" });
    expect(decided([pollSays("completed"), callbackSays("disputed")])).toMatchObject({
      status: "completed",
      review: null,
    });
    expect(decided([disputed, operatorSays("completed", 1)])).toMatchObject({ status: "completed", review: null });
  });

  test("regression: a dispute that comes after an operator's decision needs a review, and its reminder none", () => {
    const paid = [pollSays("completed"), operatorSays("completed", 10)];
    const disputed = (dispute_id: string, second: number) => {
      const learntAt = new Date(Date.UTC(2026, 0, 1, 0, 0, second));
      return callbackSays("disputed", { ...signed, learntAt, details: { dispute_id, second: `${second}` } });
    };
    expect(decided([...paid, disputed("1", 5), disputed("1", 15)]).review).toBe(null);
    expect(decided([...paid, disputed("1", 15)])).toMatchObject({ status: "completed", review: "conflict" });
    expect(decided([...paid, disputed("1", 5), disputed("2", 15)]).review).toBe("conflict");
    expect(decided([...paid, disputed("2", 15), operatorSays("completed", 20)]).review).toBe(null);
  });

  test("regression: the failure of one try contradicts no success of another", () => {
    const failed = (tryId: string) => callbackSays("failed", { ...signed, tryId });
    const success = callbackSays("completed", { ...signed, ...paid, tryId: "2" });
    expect(decided([failed("1"), success])).toMatchObject({ status: "completed", review: null });
    expect(decided([failed("2"), success])).toMatchObject({ status: "completed", review: "conflict" });
    expect(decided([callbackSays("failed", signed), success]).review).toBe("conflict");
  });

  test("a receipt that another transaction has needs a review that names the other transaction", () => {
    const duplicate = callbackSays("nothing", { duplicateOf: "the first" });
    const decision = decide([callbackSays("completed", paid), duplicate], registered, defaultPolicy);
    expect(decision).toMatchObject({
      status: "completed",
      review: { reason: "duplicate_receipt", duplicateOf: "the first" },
    });
  });
});

test("of a callback that was read again only the latest reading counts", () => {
  const callbackId = "01990000-0000-7000-8000-000000000001";
  const first = callbackSays("failed", { callbackId, reading: 1 });
  const again = callbackSays("completed", { ...paid, callbackId, reading: 2 });
  expect(decided([again, first])).toMatchObject({ status: "completed" });
});

test("regression: facts of an earlier reading are not shown after the callback was read again", () => {
  const callbackId = "01990000-0000-7000-8000-000000000001";
  const first = callbackSays("pending", { callbackId, reading: 1, phone: "+254700000001", details: { units: "3" } });
  const again = callbackSays("pending", { callbackId, reading: 2, details: { tokens: "1" } });
  const shown = describe([first, again], decide([first, again], registered, defaultPolicy), null);
  expect(shown).toMatchObject({ phone: null });
  expect(shown.details).toEqual({ tokens: "1" });
});
