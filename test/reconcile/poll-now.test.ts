import { expect, test } from "vitest";
import { pollNow } from "../../src/reconcile/poll/poll-now.ts";
import { type EvidenceRow, evidenceFromRow } from "../../src/settle/finding-json.ts";
import { resolveByOperator } from "../../src/settle/resolve.ts";
import { mostAtOnce } from "../../src/simulator/count-calls.ts";
import type { ScriptStep } from "../../src/simulator/script.ts";
import { callbackSays, kes } from "../support/evidence.ts";
import { reconcileBundle } from "../support/reconcile-bundle.ts";
import { eventsOf, evidenceItem } from "../support/settling.ts";

const bundle = reconcileBundle();
const { addPush, registerPush, backdate, pass, transaction, entries, statusCalls } = bundle;

async function push(steps: ScriptStep[] = [], outcome: "completed" | "pending" = "completed") {
  addPush({ outcome, steps });
  const t = await registerPush();
  return { shard: t.shard, transactionId: t.id };
}
const poll = (t: { shard: number; transactionId: string }) => pollNow(bundle.reconciler.deps, t);

test("a transaction that a person polls settles by the answer", async () => {
  const t = await push();
  expect(await poll(t)).toEqual({ kind: "polled" });
  expect(await transaction()).toMatchObject({ status: "completed", statusSource: "poll" });
  expect(await entries()).toEqual([]);
});

test("a poll by a person counts as a try, and moves no poll time", async () => {
  const t = await push([], "pending");
  const [before] = await entries();
  expect(await poll(t)).toEqual({ kind: "polled" });
  expect(await entries()).toMatchObject([{ tries: 1, due_at: before!.due_at, ready: false, lease_id: null }]);
});

test("a final transaction can be polled too; the answer is evidence, and the schedule stays empty", async () => {
  const t = await push();
  await poll(t);
  expect(await poll(t)).toEqual({ kind: "polled" });
  expect(statusCalls()).toHaveLength(2);
  expect(await entries()).toEqual([]);
});

test("a transaction without status call, or without what the call needs, is refused with the reason", async () => {
  const b2c = await registerPush({ kind: "b2c", refs: { conversation_id: "AG_1" }, amount: null });
  expect(await poll({ shard: b2c.shard, transactionId: b2c.id })).toMatchObject({
    kind: "unsupported",
    detail: expect.stringMatching(/initiator_name/),
  });
  const without = await registerPush({ refs: {}, amount: null, reference: "ORDER-1" });
  expect(await poll({ shard: without.shard, transactionId: without.id })).toMatchObject({
    kind: "unsupported",
    detail: expect.stringMatching(/checkout_request_id/),
  });
});

test("a poll above the rate limit is refused with the time to wait", async () => {
  await bundle.connect({ settings: { reconcile: { rate_per_minute: 1 } } });
  const t = await push([], "pending");
  expect(await poll(t)).toEqual({ kind: "polled" });
  const second = await poll(t);
  expect(second).toMatchObject({ kind: "throttled" });
  expect((second as { retryAfterS: number }).retryAfterS).toBeGreaterThan(55);
  expect(statusCalls()).toHaveLength(1);
});

test("a provider that throttles is not called until the time it named", async () => {
  const t = await push([{ do: "throttle", as: "json", retryAfterS: 40 }]);
  expect(await poll(t)).toEqual({ kind: "throttled", retryAfterS: 40 });
  expect(await poll(t)).toMatchObject({ kind: "throttled" });
  expect(statusCalls()).toHaveLength(1);
});

test("an unusable answer is reported with its reason, and a pause for errors does not refuse a person", async () => {
  const t = await push([{ do: "break", status: 500 }]);
  const { shard, id } = bundle.connection;
  await bundle.sql`
    insert into connection_pace (shard, connection_id, errors, paused_until, pause_reason, paused_at)
    values (${shard}, ${id}, 9, now() + interval '1 hour', 'errors', now() + interval '1 minute')`;
  expect(await poll(t)).toMatchObject({ kind: "unavailable", detail: expect.stringMatching(/500/) });
  expect(await poll(t)).toEqual({ kind: "polled" });
});

test("people who poll at the same time get one answer", async () => {
  const t = await push([{ do: "late", ms: 200, step: { do: "report" } }]);
  const outcomes = await Promise.all([1, 2, 3].map(() => poll(t)));
  expect(outcomes).toEqual([{ kind: "polled" }, { kind: "polled" }, { kind: "polled" }]);
  expect(statusCalls().length).toBeLessThanOrEqual(3);
  expect(mostAtOnce(statusCalls())).toBe(1);
  expect(await transaction()).toMatchObject({ status: "completed" });
});

test("the id of a merged transaction polls the transaction that it was merged into", async () => {
  const refs = { receipt: "TJIKQ7V33N" };
  const c2b = { kind: "c2b", identity: ["receipt:TJIKQ7V33N"], refs, amount: kes(5000) } as const;
  await bundle.reconciler.settle(
    evidenceItem(bundle.connection, callbackSays("completed", { ...c2b, identity: [...c2b.identity] })),
  );
  const merged = await transaction();
  await push();
  const identity = ["checkout_request_id:ws_CO_1", "receipt:TJIKQ7V33N"];
  await bundle.reconciler.settle(
    evidenceItem(bundle.connection, callbackSays("completed", { identity, amount: kes(5000) })),
  );
  expect(await poll({ shard: merged.shard, transactionId: merged.id })).toEqual({ kind: "polled" });
  expect(statusCalls()[0]?.about).toBe("ws_CO_1");
});

test("an operator's decision settles, closes the review and ends the polls", async () => {
  const { transactionId, shard } = await push([], "pending");
  await backdate(172_801);
  await pass();
  expect(await transaction()).toMatchObject({ status: "unresolved", review: { reason: "unresolved" } });
  const { settler, directory } = bundle.reconciler.deps;
  const deps = { sql: bundle.sql, settle: settler.settle, connectionOf: directory.byId };
  await resolveByOperator(deps, { shard, transactionId, status: "failed", note: "The customer says so." });
  await resolveByOperator(deps, { shard, transactionId, status: "completed", note: "Seen on the statement." });
  expect(await transaction()).toMatchObject({ status: "completed", statusSource: "operator", review: null });
  const told = await eventsOf(bundle.sql, await transaction());
  expect(told.map(e => [e.type, e.correction])).toEqual([
    ["payment.unresolved", false],
    ["transaction.review_required", false],
    ["payment.failed", false],
    ["transaction.review_closed", false],
    ["payment.completed", true],
  ]);
  expect(await entries()).toEqual([]);
  const decisions = await bundle.sql<EvidenceRow[]>`
    select * from evidence where transaction_id = ${transactionId} and source = 'operator' order by learnt_at`;
  expect(decisions.map(row => evidenceFromRow(row, bundle.sql.vault).note)).toEqual([
    "The customer says so.",
    "Seen on the statement.",
  ]);
});
