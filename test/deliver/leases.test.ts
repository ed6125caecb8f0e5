import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { type DeliveryOutcome, recordOutcomes } from "../../src/deliver/attempt/record-store.ts";
import { claimDue } from "../../src/deliver/queue/claim-store.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { deliverMetrics } from "../../src/metrics/deliver.ts";
import { createTelemetry } from "../../src/telemetry/telemetry.ts";
import { silentLog } from "../support/silent-log.ts";
import { allDelivered, deliverBundle, eventsOf, observedEgress, testEgress } from "./deliver-bundle.ts";
import { makeEvent } from "./fixtures.ts";
import { hang, ok, type Reply } from "./merchant.ts";

const shard = 13;
const bundle = deliverBundle(shard);
const { start, startMerchant, addEndpoint, startWorker, otherClient } = bundle;
const { publish, deliveries, deliveriesUntil, attempts, endLeases } = bundle;

/** Replies with 200 when the test calls the answer of that request. */
function heldReply(): { reply: Reply; answers: (() => void)[] } {
  const answers: (() => void)[] = [];
  return { reply: (_request, response) => answers.push(() => response.writeHead(200).end()), answers };
}

const newLease = () => ({ id: newUuid(shard), ms: 30_000 });

test("a worker that wakes after its lease was taken over records nothing", async () => {
  const { reply, answers } = heldReply();
  const merchant = await startMerchant(reply);
  const endpoint = await addEndpoint(merchant);
  const results: string[] = [];
  const egress = observedEgress(testEgress(), (_request, result) => results.push(result.kind));
  const slow = startWorker({ egress });
  const quick = startWorker({ sql: otherClient() });

  await publish(slow, [makeEvent(endpoint.merchantId)]);
  await merchant.until(1);
  await endLeases(endpoint);
  await quick.scan();
  await merchant.until(2);
  answers[1]!();
  const [delivery] = await deliveriesUntil(endpoint, rows => rows[0]!.state === "delivered");
  answers[0]!();
  await slow.drain();
  await quick.drain();

  expect(results).toEqual(["answer"]);
  expect(await deliveries(endpoint)).toMatchObject([{ state: "delivered", attempts: 1 }]);
  expect(await attempts(delivery!)).toMatchObject([{ attempt: 1, status: 200 }]);
});

test("a worker that wakes while the next holder is still sending records nothing", async () => {
  const { sql } = bundle;
  const endpoint = await addEndpoint(await startMerchant());
  await publish(null, [makeEvent(endpoint.merchantId)]);
  const requests = [{ endpointId: endpoint.id, capacity: 10, dueWithinMs: null }];
  const [stale, fresh] = [newLease(), newLease()];
  const [first] = (await claimDue(sql, shard, requests, stale)).claimed;
  await endLeases(endpoint);
  const [second] = (await claimDue(sql, shard, requests, fresh)).claimed;
  expect(second!.deliveryId).toBe(first!.deliveryId);
  const outcome = (leaseId: string): DeliveryOutcome => ({
    ...first!,
    leaseId,
    isFirst: true,
    kind: "failed",
    delayMs: 0,
    startedAt: new Date(),
    latencyMs: 1,
    status: 500,
    error: "late",
    answer: null,
  });
  expect(await recordOutcomes(sql, shard, [outcome(stale.id)])).toEqual([]);
  expect(await deliveries(endpoint)).toMatchObject([{ state: "pending", attempts: 0 }]);
  expect(await attempts({ id: first!.deliveryId })).toEqual([]);
  expect(await recordOutcomes(sql, shard, [outcome(fresh.id)])).toMatchObject([{ kind: "failed" }]);
  // Repeated, as after a lost reply.
  expect(await recordOutcomes(sql, shard, [outcome(fresh.id)])).toEqual([]);
  expect(await attempts({ id: first!.deliveryId })).toHaveLength(1);
});

test("many workers at once never lease one delivery twice, and together lease all", async () => {
  const endpoint = await addEndpoint(await startMerchant());
  await publish(null, eventsOf(endpoint.merchantId, 300));
  const client = otherClient();
  const requests = [{ endpointId: endpoint.id, capacity: 7, dueWithinMs: null }];
  const leased: string[] = [];
  const worker = async () => {
    for (;;) {
      const { claimed } = await claimDue(client, shard, requests, newLease());
      if (claimed.length === 0) return;
      leased.push(...claimed.map(c => c.deliveryId));
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  await worker();
  expect(leased).toHaveLength(300);
  expect(new Set(leased).size).toBe(300);
});

test("a delivery that a dead worker had leased is sent by another once the lease has ended", async () => {
  const merchant = await startMerchant();
  const endpoint = await addEndpoint(merchant);
  await publish(null, [makeEvent(endpoint.merchantId)]);
  await claimDue(bundle.sql, shard, [{ endpointId: endpoint.id, capacity: 1, dueWithinMs: null }], newLease());
  const deliver = startWorker();
  await deliver.scan();
  expect(merchant.received).toEqual([]);
  await endLeases(endpoint);
  await deliver.scan();
  await merchant.until(1);
  await deliveriesUntil(endpoint, allDelivered);
});

test("a lease is at most thirty seconds long", async () => {
  const { merchant, endpoint, deliver } = await start({ reply: hang, worker: { limits: { drainMs: 0 } } });
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  await merchant.until(1);
  const [row] = await deliveries(endpoint);
  expect(row!.due_in_s).toBeGreaterThan(15);
  expect(row!.due_in_s).toBeLessThanOrEqual(30);
});

test("outcomes that the database cannot record are recorded once it can", async () => {
  const { sql } = bundle;
  const { reply, answers } = heldReply();
  const { merchant, endpoint, deliver } = await start({ reply, worker: { sql: otherClient() } });
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  await merchant.until(1);
  await sql`alter table deliveries rename to deliveries_away`;
  answers[0]!();
  await expect.poll(() => merchant.received.length).toBe(1);
  await deliver.scan();
  await sql`alter table deliveries_away rename to deliveries`;
  await deliveriesUntil(endpoint, allDelivered);
  await deliver.drain();
  expect(merchant.received).toHaveLength(1);
});

test("a drain claims nothing more, waits for the running attempts, and records them", async () => {
  const { reply, answers } = heldReply();
  const { merchant, endpoint, deliver } = await start({ reply });
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  await merchant.until(1);
  const drained = deliver.drain();
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  merchant.reply = ok;
  answers[0]!();
  await drained;
  expect(merchant.received).toHaveLength(1);
  expect(await deliveries(endpoint)).toMatchObject([
    { state: "delivered", attempts: 1 },
    { state: "pending", attempts: 0 },
  ]);
});

test("a delivery that is claimed too late to be recorded within its lease is left to the next holder", async () => {
  // What is left of such a lease is too short for an attempt and its record, as for a process that was paused.
  const worker = { limits: { leaseMs: 2000, attemptMs: 1000 } };
  const { merchant, endpoint, deliver: late } = await start({ worker });
  await publish(late, [makeEvent(endpoint.merchantId)]);
  await expect
    .poll(() => bundle.sql`select 1 from delivery_queue where endpoint_id = ${endpoint.id} and lease_id is not null`)
    .toHaveLength(1);
  await late.drain();
  expect(merchant.received).toEqual([]);
  await endLeases(endpoint);
  const next = startWorker();
  await next.scan();
  await deliveriesUntil(endpoint, allDelivered);
});

test("attempts, outcomes and disabled endpoints are counted", async () => {
  const metrics = new Registry();
  const telemetry = createTelemetry(silentLog);
  onTestFinished(() => telemetry.end());
  const { merchant, endpoint, deliver } = await start({ endpoint: { retryScheduleS: [] }, worker: { telemetry } });
  deliverMetrics(metrics, telemetry, deliver.count);
  await publish(deliver, eventsOf(endpoint.merchantId, 2));
  await deliveriesUntil(endpoint, allDelivered);
  merchant.reply = (_request, response) => response.writeHead(410).end();
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  await deliveriesUntil(endpoint, rows => rows[2]!.state === "failed");
  await expect.poll(() => metrics.metrics()).toContain('hakika_endpoints_disabled_total{reason="gone"} 1');
  const text = await metrics.metrics();
  expect(text).toContain('hakika_delivery_outcomes_total{outcome="delivered"} 2');
  expect(text).toContain('hakika_delivery_attempt_seconds_count{outcome="gone"} 1');
  expect(text).toContain("hakika_deliveries_in_flight 0");
});
