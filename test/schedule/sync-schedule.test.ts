import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Tx } from "../../src/database/connect.ts";
import { providers } from "../../src/providers/registry.ts";
import { startReconcileCron } from "../../src/reconcile/cron.ts";
import type { ScheduleChange } from "../../src/schedule/schedule-entry.ts";
import { syncSchedule } from "../../src/schedule/sync-schedule.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes, learnt, polled } from "../support/evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "../support/fixtures.ts";
import { type Reconciling, reconciling } from "../support/reconciling.ts";
import { heard, registering, transactionsOf } from "../support/settling.ts";
import { silentLog } from "../support/silent-log.ts";

let database: TestDatabase;
let duka: TestMerchant;
let rec: Reconciling;
let daraja: TestConnection;

beforeAll(async () => {
  database = await testDatabase();
  duka = await merchant(database.sql);
  rec = reconciling(database.sql);
});

beforeEach(async () => {
  const credentials = { consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" };
  daraja = await connection(database.sql, duka, { credentials });
});

afterAll(async () => {
  await rec.close();
  await database.drop();
});

const amount = kes(5000);
const refs = { checkout_request_id: "ws_CO_1" };
const paid = { identity: ["checkout_request_id:ws_CO_1", "receipt:TJIKQ7V33N"], refs, amount };

type PlaceRow = { transaction_id: string; urgent: boolean; due_in: number; ends_in: number };
const places = async () =>
  await database.sql<PlaceRow[]>`
    select transaction_id, urgent, round(extract(epoch from due_at - now()))::float8 as due_in,
      round(extract(epoch from ends_at - now()))::float8 as ends_in
    from poll_queue where connection_id = ${daraja.id} order by transaction_id`;

test("a transaction that is finished when it is born costs the schedule no statement", async () => {
  const statements: unknown[] = [];
  const tx = ((...args: unknown[]) => {
    statements.push(args);
    return Promise.resolve([]);
  }) as unknown as Tx;
  await rec.settle(heard(daraja, polled("completed", paid)));
  const [after] = await transactionsOf(database.sql, daraja);
  const moved: ScheduleChange = { connection: daraja, before: null, after: after!, pollAfterMs: null };
  await syncSchedule(tx, daraja.shard, [moved, { ...moved, before: after! }], providers);
  expect(statements).toEqual([]);
  expect(await places()).toEqual([]);
});

test("what is unfinished stands on the schedule from its first slot to giving up, until it is finished", async () => {
  await rec.settle(registering(daraja, { refs, amount }));
  expect(await places()).toMatchObject([{ urgent: false, due_in: 30, ends_in: 172_800 }]);
  await rec.settle(heard(daraja, polled("processing", { ...paid, amount })));
  expect(await places()).toHaveLength(1);
  await rec.settle(heard(daraja, learnt("completed", paid)));
  expect(await places()).toEqual([]);
});

test("what cannot be asked about waits for its end only", async () => {
  await rec.settle(registering(daraja, { kind: "b2c", refs: { conversation_id: "AG_1" } }));
  expect(await places()).toMatchObject([{ due_in: 172_800, ends_in: 172_800 }]);
});

test("an expiry that is registered later moves its end", async () => {
  await rec.settle(registering(daraja, { refs, amount }));
  await rec.settle(registering(daraja, { refs, amount, expiresAt: new Date(Date.now() + 10_000) }));
  const [place] = await places();
  expect(place!.due_in).toBeLessThanOrEqual(10);
  expect(place!.ends_in).toBeLessThanOrEqual(10);
});

test("of two that turn out to be one only the survivor is asked about", async () => {
  const proof = await connection(database.sql, duka, {
    credentials: daraja.credentials,
    settings: { settle_on: "proof" },
  });
  daraja = proof;
  const c2b = { kind: "c2b", identity: ["receipt:TJIKQ7V33N"], refs: { receipt: "TJIKQ7V33N" }, amount } as const;
  await rec.settle(heard(proof, learnt("completed", { ...c2b, identity: [...c2b.identity] })));
  await rec.settle(registering(proof, { refs, amount }));
  expect(await places()).toHaveLength(2);
  await rec.settle(heard(proof, learnt("completed", paid)));
  const survivor = (await transactionsOf(database.sql, proof)).find(t => t.mergedInto === null);
  expect(await places()).toMatchObject([{ transaction_id: survivor!.id, urgent: true }]);
});

test("a cron runs passes one at a time, and stopping waits for the one that runs", async () => {
  let begun = 0;
  let ended = 0;
  let tell: () => void = () => {};
  const first = new Promise<void>(resolve => {
    tell = resolve;
  });
  const cron = startReconcileCron(
    "* * * * * *",
    async signal => {
      begun += 1;
      tell();
      await new Promise(resolve => signal.addEventListener("abort", resolve));
      ended += 1;
    },
    silentLog,
  );
  await first;
  await cron.stop();
  expect([begun, ended]).toEqual([1, 1]);
});

test("without a cron no pass is scheduled", async () => {
  const cron = startReconcileCron(null, () => Promise.reject(new Error("never")), silentLog);
  await cron.stop();
});
