import { expect, test } from "vitest";
import type { Tx } from "../../src/database/connect.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { providers } from "../../src/providers/registry.ts";
import type { ScheduleChange } from "../../src/schedule/schedule-entry.ts";
import { syncSchedule } from "../../src/schedule/sync-schedule.ts";
import { callbackSays, kes, pollSays } from "../support/evidence.ts";
import { reconcileBundle } from "../support/reconcile-bundle.ts";
import { evidenceItem, transactionsOf } from "../support/settling.ts";

const bundle = reconcileBundle();
const { connect, registerPush } = bundle;
const settle: typeof bundle.reconciler.settle = (...items) => bundle.reconciler.settle(...items);

const amount = kes(5000);
const refs = { checkout_request_id: "ws_CO_1" };
const paid = { identity: ["checkout_request_id:ws_CO_1", "receipt:TJIKQ7V33N"], refs, amount };

/** Times rounded to seconds. */
const entries = async () =>
  (await bundle.entries()).map(entry => ({
    ...entry,
    due_in: Math.round(entry.due_in),
    ends_in: Math.round(entry.ends_in),
  }));

test("a transaction that is final from the start costs the schedule no statement", async () => {
  const { connection } = bundle;
  const statements: unknown[] = [];
  const tx = ((...args: unknown[]) => {
    statements.push(args);
    return Promise.resolve([]);
  }) as unknown as Tx;
  await settle(evidenceItem(connection, pollSays("completed", paid)));
  const [after] = await transactionsOf(bundle.sql, connection);
  const change: ScheduleChange = { connection, before: null, after: after!, pollAfterMs: null };
  await syncSchedule(tx, connection.shard, [change, { ...change, before: after! }], providers);
  expect(statements).toEqual([]);
  expect(await entries()).toEqual([]);
});

test("an unfinished transaction is scheduled from its first poll time to giving up, until it is final", async () => {
  await registerPush();
  expect(await entries()).toMatchObject([{ urgent: false, due_in: 30, ends_in: 172_800 }]);
  await settle(evidenceItem(bundle.connection, pollSays("processing", { ...paid, amount })));
  expect(await entries()).toHaveLength(1);
  await settle(evidenceItem(bundle.connection, callbackSays("completed", paid)));
  expect(await entries()).toEqual([]);
});

test("a transaction that cannot be polled waits for its end only", async () => {
  await registerPush({ kind: "b2c", refs: { conversation_id: "AG_1" }, amount: null });
  expect(await entries()).toMatchObject([{ due_in: 172_800, ends_in: 172_800 }]);
});

test("an expiry that is registered later moves the end", async () => {
  await registerPush();
  await registerPush({ expiresAt: new Date(Date.now() + 10_000) });
  const [entry] = await entries();
  expect(entry!.due_in).toBeLessThanOrEqual(10);
  expect(entry!.ends_in).toBeLessThanOrEqual(10);
});

test("of two transactions that are merged only the remaining one is polled", async () => {
  const proof = await connect({ settings: { settle_on: "proof" } });
  const c2b = { kind: "c2b", identity: ["receipt:TJIKQ7V33N"], refs: { receipt: "TJIKQ7V33N" }, amount } as const;
  await settle(evidenceItem(proof, callbackSays("completed", { ...c2b, identity: [...c2b.identity] })));
  await registerPush();
  expect(await entries()).toHaveLength(2);
  await settle(evidenceItem(proof, callbackSays("completed", paid)));
  const remaining = (await transactionsOf(bundle.sql, proof)).find(t => t.mergedInto === null);
  expect(await entries()).toMatchObject([{ transaction_id: remaining!.id, urgent: true }]);
});

test("regression: each callback that says that something changed puts the poll off, by 5 s in all", async () => {
  await registerPush();
  const isChanged = () =>
    settle(evidenceItem(bundle.connection, callbackSays("nothing", { ...paid, changed: true, id: newUuid(0) })));
  /** When the poll is due after one more callback, in seconds; it was due so soon, and may be put off for so long. */
  async function dueAfter(dueS: number, untilS: number | null): Promise<number> {
    await bundle.sql`update poll_queue set due_at = now() + make_interval(secs => ${dueS}),
      urgent_until = now() + make_interval(secs => ${untilS})`;
    await isChanged();
    return (await bundle.entries())[0]!.due_in;
  }
  await isChanged();
  expect(await bundle.entries()).toMatchObject([{ urgent: true, due_in: expect.closeTo(1, 0) }]);
  expect(await dueAfter(0.4, 4.4)).toBeCloseTo(1, 0);
  expect(await dueAfter(0.4, 0.6)).toBeLessThanOrEqual(0.6);
  expect(await dueAfter(0.4, -60)).toBeLessThanOrEqual(0.4);
  // One that is requested at once, and one of a stopped process, wait for nothing.
  expect(await dueAfter(-1, -1)).toBeLessThan(0);
  expect(await dueAfter(-1, null)).toBeLessThan(0);
});
