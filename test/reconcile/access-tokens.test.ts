import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createAccessTokens } from "../../src/reconcile/calls/access-tokens.ts";
import { testBox } from "../support/fixtures.ts";
import { darajaCredentials, reconcileBundle } from "../support/reconcile-bundle.ts";
import { silentLog } from "../support/silent-log.ts";
import { type TestReconciler, testReconciler } from "../support/test-reconciler.ts";

const bundle = reconcileBundle({ settings: { reconcile: { schedule_s: [1, 2, 3, 4, 5] } } });
const { addPush, registerPush, backdate } = bundle;
/** Another process, as far as tokens go. */
let other: TestReconciler;

beforeAll(() => {
  const tokens = createAccessTokens({ sql: bundle.sql, box: testBox, log: silentLog });
  other = testReconciler(bundle.sql, { tokens });
});

beforeEach(async () => {
  addPush({ outcome: "pending" });
  await registerPush();
});

afterAll(() => other.close());

const issued = () => bundle.daraja.tokens.issued();

async function pollBy(reconciler: TestReconciler): Promise<void> {
  await backdate(1);
  expect(await reconciler.pass({ connectionId: bundle.connection.id })).toMatchObject({ polled: 1, errors: 0 });
}
const poll = () => pollBy(bundle.reconciler);

/** As if the token had been fetched so much earlier. */
async function backdateToken(seconds: number) {
  await bundle.sql`
    update access_tokens set refresh_at = refresh_at - make_interval(secs => ${seconds}),
      expires_at = expires_at - make_interval(secs => ${seconds}) where connection_id = ${bundle.connection.id}`;
}

test("one token serves all processes, and is stored sealed", async () => {
  await pollBy(bundle.reconciler);
  await pollBy(other);
  expect(issued()).toBe(1);
  const [row] = await bundle.sql<{ token: string }[]>`
    select token from access_tokens where connection_id = ${bundle.connection.id}`;
  expect(row?.token).toMatch(/^v1:1:/);
  expect(bundle.daraja.calls).not.toHaveLength(0);
});

test("a token is refreshed five minutes before its end, while the old one is still valid", async () => {
  await poll();
  await backdateToken(3599 - 310);
  await poll();
  expect(issued()).toBe(1);
  await backdateToken(20);
  await poll();
  expect(issued()).toBe(2);
});

test("where an early refresh fails, the old token is used until its end", async () => {
  await poll();
  await backdateToken(3599 - 100);
  bundle.daraja.tokens.instead.push({ status: 500, body: {} });
  await poll();
  expect(issued()).toBe(1);
});

test("during an early refresh the other processes use the old token", async () => {
  await poll();
  await backdateToken(3599 - 100);
  await bundle.sql`
    update access_tokens set lease_id = gen_random_uuid(), leased_until = now() + interval '20 seconds'
    where connection_id = ${bundle.connection.id}`;
  await poll();
  expect(issued()).toBe(1);
});

test("the lease of a process that died expires", async () => {
  await bundle.sql`
    insert into access_tokens (shard, connection_id, lease_id, leased_until)
    values (${bundle.connection.shard}, ${bundle.connection.id}, gen_random_uuid(), now() - interval '1 second')`;
  await poll();
  expect(issued()).toBe(1);
});

test("changed credentials get another token", async () => {
  await poll();
  const { id } = bundle.connection;
  const changed = { ...darajaCredentials, consumer_secret: "another" };
  const sealed = testBox.seal(JSON.stringify(changed), `connections.credentials:${id}`);
  await bundle.sql`update connections set credentials = ${sealed}, updated_at = now() where id = ${id}`;
  await backdate(1);
  expect(await bundle.pass()).toMatchObject({ errors: 1 });
  expect(bundle.daraja.calls.filter(call => call.what === "token")).toHaveLength(2);
});

test("a token that another program made invalid is replaced once, by the first process that notices", async () => {
  await poll();
  bundle.daraja.tokens.invalidate();
  await backdate(1);
  addPush({ id: "ws_CO_2", outcome: "pending", receipt: "T2" });
  await registerPush({ refs: { checkout_request_id: "ws_CO_2" } });
  await backdate(1);
  const scope = { connectionId: bundle.connection.id };
  const passes = await Promise.all([bundle.reconciler, other].map(reconciler => reconciler.pass(scope)));
  expect(passes.reduce((sum, p) => sum + p.polled, 0)).toBe(2);
  expect(issued()).toBe(2);
});
