import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import type { DeliveryOutcome } from "../../src/deliver/attempt/record-store.ts";
import { recordOutcomes } from "../../src/deliver/attempt/record-store.ts";
import { claimDue } from "../../src/deliver/queue/claim-store.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { deliverMetrics } from "../../src/metrics/deliver.ts";
import { createTelemetry } from "../../src/telemetry/telemetry.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { silentLog } from "../support/silent-log.ts";
import { makeEndpoint, makeEvent, makeMerchant } from "./fixtures.ts";
import { type Merchant, ok, startMerchant } from "./merchant.ts";
import { attemptsOf, deliveriesOf, otherProcess, settled, startRoom, tell, testEgress, watched } from "./room.ts";

let database: TestDatabase;
let merchant: Merchant;
const shard = 13;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  merchant = await startMerchant();
});
afterEach(() => merchant.close());

async function endpoint(options = {}) {
  return await makeEndpoint(database.sql, await makeMerchant(database.sql, shard), { url: merchant.url, ...options });
}

const lapse = (endpointId: string) =>
  database.sql`update delivery_queue set due_at = now() - interval '1 ms' where endpoint_id = ${endpointId}`;

test("a holder who wakes after its lease was taken over records nothing", async () => {
  const { sql, url } = database;
  const target = await endpoint();
  const answers: (() => void)[] = [];
  merchant.reply = (_request, response) =>
    answers.push(() => response.writeHead(answers.length === 2 ? 200 : 500).end());
  const other = otherProcess(url);
  onTestFinished(() => other.end());
  const results: string[] = [];
  const egress = watched(testEgress(), (_request, result) => results.push(result.kind));
  const slow = startRoom(sql, { egress });
  const quick = startRoom(other);

  await tell(sql, slow, [makeEvent(target.merchantId)]);
  await merchant.until(1);
  await lapse(target.id);
  await quick.scan();
  await merchant.until(2);
  answers[1]!();
  const [delivery] = await settled(sql, target.id, rows => rows[0]!.state === "delivered");
  answers[0]!();
  await slow.drain();
  await quick.drain();

  expect(results).toEqual(["answer"]);
  expect(await deliveriesOf(sql, target.id)).toMatchObject([{ state: "delivered", attempts: 1 }]);
  expect(await attemptsOf(sql, delivery!.id)).toMatchObject([{ attempt: 1, status: 200 }]);
});

test("a holder who wakes while the next one is still sending records nothing either", async () => {
  const { sql } = database;
  const target = await endpoint();
  await tell(sql, null, [makeEvent(target.merchantId)]);
  const asks = [{ endpointId: target.id, capacity: 10, dueWithinMs: null }];
  const stale = { id: newUuid(shard), ms: 30_000 };
  const fresh = { id: newUuid(shard), ms: 30_000 };
  const [first] = (await claimDue(sql, shard, asks, stale)).claimed;
  await lapse(target.id);
  const [second] = (await claimDue(sql, shard, asks, fresh)).claimed;
  expect(second!.deliveryId).toBe(first!.deliveryId);
  const said = (leaseId: string): DeliveryOutcome => ({
    ...first!,
    leaseId,
    kind: "failed",
    delayMs: 0,
    startedAt: new Date(),
    latencyMs: 1,
    status: 500,
    error: "late",
    answer: null,
  });
  expect(await recordOutcomes(sql, shard, [said(stale.id)])).toEqual([]);
  expect(await deliveriesOf(sql, target.id)).toMatchObject([{ state: "pending", attempts: 0 }]);
  expect(await attemptsOf(sql, first!.deliveryId)).toEqual([]);
  expect(await recordOutcomes(sql, shard, [said(fresh.id)])).toMatchObject([{ kind: "failed" }]);
  // The same once more, as after a reply that was lost.
  expect(await recordOutcomes(sql, shard, [said(fresh.id)])).toEqual([]);
  expect(await attemptsOf(sql, first!.deliveryId)).toHaveLength(1);
});

test("many workers at once never lease one delivery twice, and between them lease all", async () => {
  const { sql, url } = database;
  const target = await endpoint();
  await tell(
    sql,
    null,
    Array.from({ length: 300 }, () => makeEvent(target.merchantId)),
  );
  const pool = otherProcess(url);
  onTestFinished(() => pool.end());
  const asks = [{ endpointId: target.id, capacity: 7, dueWithinMs: null }];
  const taken: string[] = [];
  const worker = async () => {
    for (;;) {
      const { claimed } = await claimDue(pool, shard, asks, { id: newUuid(shard), ms: 30_000 });
      if (claimed.length === 0) return;
      taken.push(...claimed.map(c => c.deliveryId));
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  await worker();
  expect(taken).toHaveLength(300);
  expect(new Set(taken).size).toBe(300);
});

test("what a worker that died had leased is sent by another once the lease is over", async () => {
  const { sql } = database;
  const target = await endpoint();
  await tell(sql, null, [makeEvent(target.merchantId)]);
  const dead = { id: newUuid(shard), ms: 30_000 };
  await claimDue(sql, shard, [{ endpointId: target.id, capacity: 1, dueWithinMs: null }], dead);
  const deliver = startRoom(sql);
  await deliver.scan();
  expect(merchant.received).toEqual([]);
  await lapse(target.id);
  await deliver.scan();
  await merchant.until(1);
  await settled(sql, target.id, rows => rows[0]!.state === "delivered");
  await deliver.drain();
});

test("a lease is never longer than thirty seconds", async () => {
  const { sql } = database;
  const target = await endpoint();
  merchant.reply = () => {};
  const deliver = startRoom(sql, { limits: { drainMs: 0 } });
  await tell(sql, deliver, [makeEvent(target.merchantId)]);
  await merchant.until(1);
  const [row] = await deliveriesOf(sql, target.id);
  expect(row!.due_in_s).toBeGreaterThan(15);
  expect(row!.due_in_s).toBeLessThanOrEqual(30);
  await deliver.drain();
});

test("outcomes that the database does not take are written once it does", async () => {
  const { sql, url } = database;
  const target = await endpoint();
  const broken = otherProcess(url);
  onTestFinished(() => broken.end());
  let answer = () => {};
  merchant.reply = (_request, response) => {
    answer = () => response.end();
  };
  const deliver = startRoom(broken);
  await tell(sql, deliver, [makeEvent(target.merchantId)]);
  await merchant.until(1);
  await sql`alter table delivery_attempts rename to delivery_attempts_away`;
  answer();
  await expect.poll(() => merchant.received.length).toBe(1);
  await deliver.scan();
  await sql`alter table delivery_attempts_away rename to delivery_attempts`;
  await settled(sql, target.id, rows => rows[0]!.state === "delivered");
  await deliver.drain();
  expect(merchant.received).toHaveLength(1);
});

test("draining takes nothing new, lets what runs finish, and records it", async () => {
  const { sql } = database;
  const target = await endpoint();
  let answer = () => {};
  merchant.reply = (_request, response) => {
    answer = () => response.end();
  };
  const deliver = startRoom(sql);
  await tell(sql, deliver, [makeEvent(target.merchantId)]);
  await merchant.until(1);
  const drained = deliver.drain();
  await tell(sql, deliver, [makeEvent(target.merchantId)]);
  merchant.reply = ok;
  answer();
  await drained;
  expect(merchant.received).toHaveLength(1);
  expect(await deliveriesOf(sql, target.id)).toMatchObject([
    { state: "delivered", attempts: 1 },
    { state: "pending", attempts: 0 },
  ]);
});

test("what is claimed too late to be recorded within its lease is left to the next holder", async () => {
  const { sql } = database;
  const target = await endpoint();
  // An attempt and its recording do not fit into what is left of such a lease: as for a process that was stopped meanwhile.
  const late = startRoom(sql, { limits: { leaseMs: 2000, attemptMs: 1000 } });
  await tell(sql, late, [makeEvent(target.merchantId)]);
  await expect
    .poll(() => sql`select 1 from delivery_queue where endpoint_id = ${target.id} and lease_id is not null`)
    .toHaveLength(1);
  await late.drain();
  expect(merchant.received).toEqual([]);
  await lapse(target.id);
  const next = startRoom(sql);
  await next.scan();
  await settled(sql, target.id, rows => rows[0]!.state === "delivered");
  await next.drain();
});

test("attempts, outcomes and disabled endpoints are counted", async () => {
  const { sql } = database;
  const target = await endpoint({ retryScheduleS: [] });
  const metrics = new Registry();
  const telemetry = createTelemetry(silentLog);
  onTestFinished(() => telemetry.end());
  const deliver = startRoom(sql, { telemetry });
  deliverMetrics(metrics, telemetry, deliver.count);
  await tell(sql, deliver, [makeEvent(target.merchantId), makeEvent(target.merchantId)]);
  await settled(sql, target.id, rows => rows.every(row => row.state === "delivered"));
  merchant.reply = (_request, response) => response.writeHead(410).end();
  await tell(sql, deliver, [makeEvent(target.merchantId)]);
  await settled(sql, target.id, rows => rows[2]!.state === "failed");
  await expect.poll(() => metrics.metrics()).toContain('hakika_endpoints_disabled_total{reason="gone"} 1');
  const text = await metrics.metrics();
  expect(text).toContain('hakika_delivery_outcomes_total{outcome="delivered"} 2');
  expect(text).toContain('hakika_delivery_attempt_seconds_count{outcome="gone"} 1');
  expect(text).toContain("hakika_deliveries_in_flight 0");
  await deliver.drain();
});
