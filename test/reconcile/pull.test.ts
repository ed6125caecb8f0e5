import { expect, test } from "vitest";
import { callbackSays, kes } from "../support/evidence.ts";
import { darajaCredentials, reconcileBundle } from "../support/reconcile-bundle.ts";
import { eventsOf, evidenceItem, remainingTransactions } from "../support/settling.ts";

/** Without a passkey: pushes cannot be polled, so that statements alone settle them. */
const { passkey: _passkey, ...pullCredentials } = darajaCredentials;
const settings = { reconcile: { pull: true } };
const bundle = reconcileBundle({ settings, credentials: pullCredentials, daraja: { pageRows: 2 } });
const { connect, registerPush, backdate, pass, transaction, eventTypes } = bundle;

const pulls = () => bundle.daraja.calls.filter(call => call.what === "pull").length;
const transactions = () => remainingTransactions(bundle.sql, bundle.connection);
/** Windows are named in whole seconds: a payment of the present second is on the next statement. */
const ago = (hours: number) => new Date(Date.now() - hours * 3600 * 1000 - 1000);
const paid = (n: number, hours: number) =>
  bundle.daraja.statements.push({
    receipt: `TJIKQ7V3${n}`,
    at: ago(hours),
    amount: "50",
    phone: "254712345678",
    reference: `ORDER-${n}`,
  });

test("payments without a callback are settled from the statement, page after page, with one event each", async () => {
  for (let n = 0; n < 5; n += 1) paid(n, n);
  expect(await pass()).toMatchObject({ polled: 0, settled: 5, errors: 0, rate_limited: 0 });
  const settled = await transactions();
  expect(settled.map(t => [t.kind, t.status, t.statusSource, t.refs.receipt]).sort()).toEqual(
    [0, 1, 2, 3, 4].map(n => ["c2b", "completed", "statement", `TJIKQ7V3${n}`]),
  );
  for (const t of settled) {
    expect((await eventsOf(bundle.sql, t)).map(e => e.type)).toEqual(["payment.completed"]);
  }
  expect(pulls()).toBe(4);
});

test("the first pull is at once, the next an hour later, from an hour before the end of the last one", async () => {
  await pass();
  await pass();
  expect(pulls()).toBe(1);
  await backdate(3500);
  await pass();
  expect(pulls()).toBe(1);
  paid(1, 0.9);
  await backdate(101);
  await pass();
  expect(pulls()).toBe(3);
  expect(await transactions()).toHaveLength(1);
});

test("a statement row of a payment that a callback has settled makes no second payment and no event", async () => {
  paid(1, 1);
  const of = { kind: "c2b", refs: { receipt: "TJIKQ7V31" }, amount: kes(5000) } as const;
  const callback = callbackSays("completed", { ...of, identity: ["receipt:TJIKQ7V31"] });
  await bundle.reconciler.settle(evidenceItem(bundle.connection, callback));
  expect(await pass()).toMatchObject({ settled: 0 });
  expect(await transactions()).toHaveLength(1);
  expect(await eventTypes()).toEqual(["payment.completed"]);
});

test("a statement row settles the push that it paid, by the reference that the payer typed", async () => {
  paid(1, 0);
  await registerPush({ reference: "order-1" });
  await pass();
  const settled = await transactions();
  expect(settled.map(t => [t.kind, t.status, t.statusSource])).toEqual([["stk_push", "completed", "statement"]]);
});

test("regression: a transaction that is polled as pending and then settled by a statement counts once, as settled", async () => {
  await connect({ credentials: darajaCredentials });
  paid(1, 0);
  await registerPush({ reference: "order-1" });
  await backdate(40);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1, pending: 0, errors: 0 });
});

test("an empty statement proves nothing", async () => {
  await registerPush();
  expect(await pass()).toMatchObject({ errors: 0, settled: 0 });
  expect(await transactions()).toMatchObject([{ status: "pending", review: null }]);
});

test("a pull that fails begins again where it began, within minutes", async () => {
  for (let n = 0; n < 3; n += 1) paid(n, n);
  bundle.daraja.tokens.instead.push({ status: 500, body: {} });
  expect(await pass()).toMatchObject({ errors: 1 });
  const [cursor] = await bundle.sql`
    select pulled_to from pull_cursors where connection_id = ${bundle.connection.id}`;
  expect(cursor).toEqual({ pulled_to: null });
  await backdate(301);
  expect(await pass()).toMatchObject({ errors: 0 });
  expect(await transactions()).toHaveLength(3);
});

test("passes that run at the same time pull once", async () => {
  paid(1, 1);
  await Promise.all([pass(), pass(), pass()]);
  expect(pulls()).toBe(2);
});

test("a connection without pulls enabled, or without the credentials for them, is not pulled", async () => {
  await connect({ settings: { reconcile: { pull: false } } });
  await pass();
  await connect({ credentials: { shortcode: "174379" } });
  expect(await pass()).toMatchObject({ errors: 0 });
  expect(bundle.daraja.calls).toEqual([]);
});

test("a page whose token is refused is pulled with a new token", async () => {
  paid(1, 1);
  await pass();
  bundle.daraja.tokens.invalidate();
  await backdate(3601);
  expect(await pass()).toMatchObject({ errors: 0, rate_limited: 0 });
  expect(bundle.daraja.tokens.issued()).toBe(2);
  expect(await transaction()).toMatchObject({ status: "completed", statusSource: "statement" });
});
