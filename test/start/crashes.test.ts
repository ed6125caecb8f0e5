import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Connection } from "../../src/connections/connection.ts";
import { type SimulatedKodipay, simulateKodipay } from "../../src/providers/kodipay/simulator/server.ts";
import { loadProviderAccount, type ProviderAccount } from "../../src/reconcile/calls/provider-account.ts";
import type { Settler } from "../../src/settle/settler.ts";
import { claimKey, claimWaiting, leaveWaiting, releaseKey } from "../../src/start/key-store.ts";
import { type Order, prepareOrder } from "../../src/start/order.ts";
import { runStart } from "../../src/start/run-start.ts";
import type { StartDeps } from "../../src/start/start-deps.ts";
import { connection, merchant } from "../support/fixtures.ts";
import { reconcileBundle } from "../support/reconcile-bundle.ts";

const bundle = reconcileBundle();
let kodipay: SimulatedKodipay;
let deps: StartDeps;
let account: ProviderAccount;
let key: { shard: number; merchantId: string; key: string; fingerprint: Buffer };
let order: Order;

beforeAll(async () => {
  kodipay = await simulateKodipay();
});
afterAll(() => kodipay.close());

beforeEach(async () => {
  deps = bundle.reconciler.deps;
  const owner = await merchant(bundle.sql);
  const made: Connection = await connection(bundle.sql, owner, {
    provider: "kodipay",
    credentials: { client_id: "client", client_secret: "client-secret" },
    baseUrl: kodipay.url,
  });
  account = (await loadProviderAccount(deps, made))!;
  key = { shard: made.shard, merchantId: made.merchantId, key: randomUUID(), fingerprint: Buffer.alloc(32, 1) };
  order = {
    kind: "payment",
    reference: `ORDER-${randomUUID()}`,
    amount: { minor: 1000n, currency: "USD" },
    phone: "+243891234567",
    account: null,
    description: null,
    reverses: null,
    options: {},
    metadata: {},
    expiresAt: null,
    again: false,
  };
});

const by = { kind: "admin", id: null, name: null } as const;
const takenOrders = () => kodipay.starts.taken.filter(({ name }) => name === order.reference);

/** One call with the key, as the API makes it: it claims the key, and carries the order out where it may. */
async function call(using: StartDeps): Promise<string> {
  const claim = await claimKey(using.sql, key);
  if (claim.kind !== "claimed") return claim.kind;
  const prepared = await prepareOrder(using, account, order, claim.start.orderId);
  if (prepared.kind !== "prepared") throw new Error(JSON.stringify(prepared));
  return (await runStart(using, account, claim.start, prepared, by)).kind;
}

/** As if the process that held the lease had died long ago. */
async function endLease(): Promise<void> {
  await bundle.sql`update starts set due_at = now() - interval '1 second' where key = ${key.key}`;
}

async function startOf() {
  const [row] = await bundle.sql`
    select s.state, t.status, t.start->>'state' as shown from starts s
    left join transactions t on t.shard = s.shard and t.id = s.transaction_id where s.key = ${key.key}`;
  return row;
}

class Killed extends Error {}

/** Everything as it is, but the nth thing that a start does does not come back: before it happens, or after. */
function killedAt(step: number, when: "before" | "after"): StartDeps {
  let done = 0;
  const dying = <Args extends unknown[], R>(run: (...args: Args) => Promise<R>) => {
    return async (...args: Args): Promise<R> => {
      done += 1;
      if (done > step) throw new Killed();
      if (done === step && when === "before") throw new Killed();
      const result = await run(...args);
      if (done === step) throw new Killed();
      return result;
    };
  };
  const settler: Settler = { settle: dying(deps.settler.settle) };
  return { ...deps, settler, egress: { send: dying(deps.egress.send) } };
}

test.each([1, 2, 3, 4].flatMap(step => [[step, "before"] as const, [step, "after"] as const]))(
  "killed at step %d, %s it happens: the order is sent once at most, and its transaction says so",
  async (step, when) => {
    const killed = killedAt(step, when);
    await call({ ...killed, log: { ...deps.log, error() {} } as never }).catch(error => {
      if (!(error instanceof Killed)) throw error;
    });
    await endLease();
    const answers = [await call(deps), await call(deps)];
    const sent = takenOrders().length;
    const start = await startOf();
    if (step === 1 && when === "before") {
      // Nothing was registered: the next call carries it out.
      expect([answers, sent, start]).toEqual([["started", "begun"], 1, expect.objectContaining({ shown: "accepted" })]);
      return;
    }
    expect(answers).toEqual(["begun", "begun"]);
    expect(sent).toBeLessThanOrEqual(1);
    const shown = { status: start!.status, shown: start!.shown };
    if (sent === 1 && shown.shown === "unknown") expect(shown.status).toBe("pending");
    else
      expect([
        ["accepted", "pending"],
        ["refused", "failed"],
        ["unknown", "pending"],
      ]).toContainEqual([shown.shown, shown.status]);
  },
);

test("an answer that comes after the lease ended is still the provider's, and is recorded", async () => {
  let resolve = () => {};
  const release = new Promise<void>(done => {
    resolve = done;
  });
  kodipay.starts.faults.push({ do: "slow", release });
  const slow = call(deps);
  await kodipay.until(calls => calls.some(({ what, about }) => what === "start" && about === order.reference));
  await endLease();
  expect(await call(deps)).toBe("begun");
  expect((await startOf())!.shown).toBe("unknown");
  resolve();
  expect(await slow).toBe("started");
  expect((await startOf())!.shown).toBe("accepted");
  expect(takenOrders()).toHaveLength(1);
});

test("what waits for a second person is claimed once, and a released key may be used again", async () => {
  const claim = await claimKey(bundle.sql, key);
  if (claim.kind !== "claimed") throw new Error(claim.kind);
  await leaveWaiting(bundle.sql, claim.start);
  expect((await claimKey(bundle.sql, key)).kind).toBe("waiting");
  const { shard, startId } = claim.start;
  const claimed = await Promise.all([1, 2, 3].map(() => claimWaiting(bundle.sql, shard, startId)));
  const [winner] = claimed.filter(start => start !== null);
  expect(claimed.filter(start => start !== null)).toHaveLength(1);
  expect((await claimKey(bundle.sql, { ...key, fingerprint: Buffer.alloc(32, 2) })).kind).toBe("other-order");
  await releaseKey(bundle.sql, winner!);
  expect((await claimKey(bundle.sql, { ...key, fingerprint: Buffer.alloc(32, 2) })).kind).toBe("claimed");
});
