import { expect, test } from "vitest";
import { queueNightlyAudits } from "../../src/reconcile/audit/queue-audits.ts";
import type { PassInput } from "../../src/reconcile/pass.ts";
import { callbackSays, kes, pollSays } from "../support/evidence.ts";
import { reconcileBundle } from "../support/reconcile-bundle.ts";
import { eventsOf, evidenceItem, remainingTransactions } from "../support/settling.ts";

const bundle = reconcileBundle({ settings: { reconcile: { rate_per_minute: 60_000 } } });
const { connect, addPush, registerPush, backdate, pass, transaction, eventTypes, entries, statusCalls } = bundle;

const hourMs = 3_600_000;
const audit = (more: Partial<NonNullable<PassInput["audit"]>> = {}) => ({
  audit: {
    finishedAfter: new Date(Date.now() - hourMs),
    finishedBefore: new Date(Date.now() + hourMs),
    share: 1,
    amountFrom: null,
    ...more,
  },
});

/** A registered push that a callback finished two minutes ago. */
async function finishedPush(says: "completed" | "failed", id = "ws_CO_1", minor = 5000) {
  const refs = { checkout_request_id: id };
  const registered = await registerPush({ refs, amount: kes(minor) });
  const callback = callbackSays(says, { identity: [`checkout_request_id:${id}`], refs, amount: kes(minor) });
  await bundle.reconciler.settle(evidenceItem(bundle.connection, callback));
  await backdate(120);
  return registered;
}

test("what the provider still says of a finished payment is audited, and is no drift", async () => {
  addPush();
  await finishedPush("completed");
  expect(await pass(audit())).toMatchObject({ audited: 1, drifted: 0, polled: 0, settled: 0, pending: 0, errors: 0 });
  expect(await transaction()).toMatchObject({ status: "completed", review: null });
  expect(await entries()).toEqual([]);
  expect(await eventTypes()).toEqual(["payment.completed"]);
});

test("a failure that was paid is completed with a correction, and counts as drifted", async () => {
  addPush();
  await finishedPush("failed");
  expect(await pass(audit())).toMatchObject({ audited: 1, drifted: 1 });
  const t = await transaction();
  expect(t).toMatchObject({ status: "completed", statusSource: "poll" });
  const events = await eventsOf(bundle.sql, t);
  expect(events.map(e => [e.type, e.correction])).toEqual([
    ["payment.failed", false],
    ["payment.completed", true],
  ]);
});

test("a payment of which the provider says the opposite gets a review, keeps its status, and counts as drifted", async () => {
  addPush({ outcome: "failed" });
  await finishedPush("completed");
  expect(await pass(audit())).toMatchObject({ audited: 1, drifted: 1 });
  expect(await transaction()).toMatchObject({ status: "completed", review: { reason: "conflict" } });
  expect(await eventTypes()).toEqual(["payment.completed", "transaction.review_required"]);
  expect(await pass(audit())).toMatchObject({ audited: 1, drifted: 1 });
  expect(await eventTypes()).toHaveLength(2);
});

test("an answer that says nothing is an audit without drift", async () => {
  addPush({ steps: [{ do: "deny" }] });
  await finishedPush("completed");
  expect(await pass(audit())).toMatchObject({ audited: 1, drifted: 0 });
});

test("a failure is not believed while the prompt of the push may be open: it is asked about again", async () => {
  addPush({ outcome: "failed" });
  await finishedPush("completed");
  const { id } = bundle.connection;
  await bundle.sql`update transactions set created_at = now() where connection_id = ${id}`;
  expect(await pass(audit())).toMatchObject({ audited: 0, drifted: 0, pending: 1 });
  expect(await pass()).toMatchObject({ audited: 0, pending: 1 });
  await backdate(91);
  expect(await pass()).toMatchObject({ audited: 1, drifted: 1, pending: 0 });
});

test("only what finished in the named time, from the named amount on, is asked about", async () => {
  for (const [n, minor] of [4999, 5000, 700_000].entries()) {
    addPush({ id: `ws_CO_${n}`, receipt: `T${n}` });
    await finishedPush("completed", `ws_CO_${n}`, minor);
  }
  const past = { finishedAfter: new Date(0), finishedBefore: new Date(Date.now() - hourMs) };
  expect(await pass(audit(past))).toMatchObject({ audited: 0 });
  expect(await pass(audit({ amountFrom: "7000.01" }))).toMatchObject({ audited: 0 });
  expect(await pass(audit({ amountFrom: "50" }))).toMatchObject({ audited: 2 });
  expect(statusCalls()).toHaveLength(2);
});

test("a share is always the same sample", async () => {
  for (let n = 0; n < 40; n += 1) {
    addPush({ id: `ws_CO_${n}`, receipt: `T${n}` });
    await finishedPush("completed", `ws_CO_${n}`);
  }
  const first = await pass(audit({ share: 0.5 }));
  expect(first.audited).toBeGreaterThan(5);
  expect(first.audited).toBeLessThan(35);
  expect(await pass(audit({ share: 0.5 }))).toMatchObject({ audited: first.audited });
  expect(statusCalls()).toHaveLength(2 * first.audited);
  const ids = await bundle.sql`
    select transaction_id, count(*)::int as n from polls p join transactions t on t.id = p.transaction_id
    where t.connection_id = ${bundle.connection.id} group by transaction_id`;
  expect(ids.map(row => row.n)).toEqual(Array(first.audited).fill(2));
  expect(await pass(audit({ share: 0 }))).toMatchObject({ audited: 0 });
});

test("an audit leaves a part of the rate to unfinished transactions, and goes on in the next pass", async () => {
  await connect({ settings: { reconcile: { rate_per_minute: 5 } } });
  for (let n = 0; n < 6; n += 1) {
    addPush({ id: `ws_CO_${n}`, receipt: `T${n}` });
    await finishedPush("completed", `ws_CO_${n}`);
  }
  expect(await pass(audit())).toMatchObject({ audited: 4, rate_limited: 2, pending: 0 });
  addPush({ id: "ws_CO_open", receipt: "T9" });
  await registerPush({ refs: { checkout_request_id: "ws_CO_open" } });
  await bundle.sql`
    update poll_queue set due_at = now(), ready = true where not audit and connection_id = ${bundle.connection.id}`;
  expect(await pass()).toMatchObject({ polled: 1, settled: 1, audited: 0, rate_limited: 2 });
  await backdate(62);
  expect(await pass()).toMatchObject({ audited: 2, rate_limited: 0 });
  expect(await entries()).toEqual([]);
});

test("audits that overlap ask about a transaction once at a time", async () => {
  addPush({ steps: [{ do: "late", ms: 200, step: { do: "say", outcome: "completed" } }] });
  await finishedPush("completed");
  const passes = await Promise.all([pass(audit()), pass(audit()), pass(audit())]);
  expect(passes.reduce((sum, { audited }) => sum + audited, 0)).toBe(1);
  expect(statusCalls()).toHaveLength(1);
});

test("an audit without an answer is tried again, and left out after five times", async () => {
  addPush({ steps: Array(5).fill({ do: "break", status: 500 }) });
  await finishedPush("completed");
  expect(await pass(audit())).toMatchObject({ audited: 0, errors: 1, pending: 1 });
  for (let n = 0; n < 4; n += 1) {
    await backdate(700);
    expect(await pass()).toMatchObject({ audited: 0, errors: 1 });
  }
  await backdate(700);
  expect(await pass()).toMatchObject({ audited: 0, errors: 0, pending: 0 });
  expect(await entries()).toEqual([]);
});

test("transactions that cannot be polled are not audited", async () => {
  const refs = { conversation_id: "AG_1" };
  await registerPush({ kind: "b2c", refs });
  const says = pollSays("completed", { kind: "b2c", identity: ["conversation_id:AG_1"], refs, amount: kes(5000) });
  await bundle.reconciler.settle(evidenceItem(bundle.connection, says));
  expect(await pass(audit())).toMatchObject({ audited: 0, pending: 0, errors: 0 });
  expect(await entries()).toEqual([]);
});

const nightly = { reconcile: { rate_per_minute: 60_000, audit: { share: 1 } } };
const night = (day: number, hour = 3) => new Date(Date.UTC(2030, 0, day, hour));
const scope = () => ({ hasShard: () => true, merchantId: null, connectionId: bundle.connection.id });
const queueAt = (now: Date) => queueNightlyAudits(bundle.reconciler.deps, scope(), now);

test("each night what finished since the last one is queued once, however many processes do it", async () => {
  await connect({ settings: nightly });
  addPush();
  const t = await finishedPush("completed");
  await queueAt(night(1));
  expect(await entries()).toEqual([]);
  await bundle.sql`update events set created_at = ${night(1, 20)} where transaction_id = ${t.id}`;
  // The id of the event says when it was made: the time that is audited must reach back to it.
  await bundle.sql`update audit_cursors set audited_to = ${night(1, 2)} where connection_id = ${bundle.connection.id}`;
  await bundle.sql`
    update events set id = overlay(id::text placing ${uuidTime(night(1, 20))} from 1 for 13)::uuid
    where transaction_id = ${t.id}`;
  await queueAt(night(2, 1));
  expect(await entries()).toEqual([]);
  await Promise.all([queueAt(night(2)), queueAt(night(2)), queueAt(night(2))]);
  expect(await entries()).toHaveLength(1);
  expect(await pass()).toMatchObject({ audited: 1, drifted: 0 });
  await queueAt(night(2, 23));
  await queueAt(night(3));
  expect(await entries()).toEqual([]);
});

const uuidTime = (at: Date) => {
  const hex = at.getTime().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
};

test("a connection without the setting has no nightly audit", async () => {
  addPush();
  await finishedPush("completed");
  await queueAt(night(1));
  await queueAt(night(2));
  expect(await remainingTransactions(bundle.sql, bundle.connection)).toHaveLength(1);
  expect(await entries()).toEqual([]);
  const cursors = await bundle.sql`select from audit_cursors where connection_id = ${bundle.connection.id}`;
  expect([...cursors]).toEqual([]);
});
