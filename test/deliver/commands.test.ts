import { expect, test } from "vitest";
import { disableEndpoint } from "../../src/deliver/commands/disable.ts";
import { recover } from "../../src/deliver/commands/recover.ts";
import { type ReplayRequest, replay } from "../../src/deliver/commands/replay.ts";
import { retry } from "../../src/deliver/commands/retry.ts";
import { type EndpointRef, sendTest } from "../../src/deliver/commands/send-test.ts";
import type { Deliver } from "../../src/deliver/deliver.ts";
import { newUuid, publicId } from "../../src/domain/ids.ts";
import { allDelivered, deliverBundle, eventsOf } from "./deliver-bundle.ts";
import { auditKey, type EndpointOptions, makeEndpoint, makeEvent, type TestEndpoint } from "./fixtures.ts";
import { ok, status } from "./merchant.ts";

const shard = 15;
const bundle = deliverBundle(shard);
const { publish, deliveries, deliveriesUntil } = bundle;

async function start(options: { endpoint?: EndpointOptions } = {}) {
  const { merchant, endpoint, deliver } = await bundle.start(options);
  return { merchant, endpoint, deliver, commands: commandsFor(deliver) };
}

/** The commands, each followed by the wake-up that its caller owes to the worker. */
function commandsFor({ wake }: Deliver) {
  const { sql } = bundle;
  return {
    async sendTest(ref: Parameters<typeof sendTest>[1]) {
      const queued = await sendTest(sql, ref, new Date());
      wake(shard, [ref.endpointId]);
      return queued;
    },
    async retry(deliveryId: string) {
      const retried = await retry(sql, shard, deliveryId);
      if (retried) wake(shard, [retried.endpointId]);
      return retried?.outcome ?? null;
    },
    async recover({ endpointId }: EndpointRef, since: Date) {
      const requeued = await recover(sql, shard, endpointId, since);
      wake(shard, [endpointId]);
      return requeued;
    },
    async replay(request: ReplayRequest) {
      const sent = await replay(sql, request, new Date());
      wake(shard, [request.endpointId]);
      return sent;
    },
  };
}

const refOf = ({ id, merchantId }: TestEndpoint) => ({
  shard,
  merchantId,
  endpointId: id,
  environment: "any" as const,
});
const setEnabled = (endpoint: TestEndpoint, enabled: boolean) =>
  bundle.sql`update endpoints set enabled = ${enabled}, updated_at = now() where id = ${endpoint.id}`;
const allFailed = (rows: { state: string }[]) => rows.every(row => row.state === "failed");
const longAgo = new Date("2020-01-01T00:00:00Z");

test("a test event goes to its endpoint alone, whatever types the endpoint takes", async () => {
  const { merchant, endpoint, deliver, commands } = await start({ endpoint: { eventTypes: ["payout.*"] } });
  const other = await makeEndpoint(bundle.sql, endpoint.merchantId, { url: merchant.url });
  const { eventId, deliveryId } = await commands.sendTest(refOf(endpoint));
  const [request] = await merchant.until(1);
  expect(JSON.parse(request!.body)).toMatchObject({ id: publicId("event", eventId), type: "endpoint.test" });
  expect(await deliveriesUntil(endpoint, allDelivered)).toMatchObject([{ id: deliveryId }]);
  await deliver.scan();
  expect(await deliveries(other)).toEqual([]);
});

test("a delivery that failed for good can be retried by hand, from the beginning of its schedule", async () => {
  const { sql } = bundle;
  const { merchant, endpoint, deliver, commands } = await start({ endpoint: { retryScheduleS: [3600] } });
  merchant.reply = status(500);
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  const [waiting] = await deliveriesUntil(endpoint, rows => rows[0]!.attempts === 1);
  // A delivery that waits for a retry is sent now. It is the second attempt of its schedule.
  expect(await commands.retry(waiting!.id)).toBe("queued");
  await deliveriesUntil(endpoint, rows => rows[0]!.state === "failed" && rows[0]!.attempts === 2);
  expect(await commands.retry(waiting!.id)).toBe("queued");
  await deliveriesUntil(endpoint, rows => rows[0]!.attempts === 3);
  expect(await deliveries(endpoint)).toMatchObject([{ state: "pending", round: 1 }]);
  merchant.reply = ok;
  await commands.retry(waiting!.id);
  await deliveriesUntil(endpoint, allDelivered);
  expect(await commands.retry(waiting!.id)).toBe("queued");
  await merchant.until(5);
  await deliveriesUntil(endpoint, allDelivered);
  await setEnabled(endpoint, false);
  expect(await commands.retry(waiting!.id)).toBe("endpoint disabled");
  await sql`update endpoints set deleted_at = now() where id = ${endpoint.id}`;
  expect(await commands.retry(waiting!.id)).toBe("endpoint deleted");
  expect(await commands.retry(newUuid(shard))).toBeNull();
});

test("regression: a delivery that waits can be retried by hand, one that is being sent is left alone", async () => {
  const { merchant, endpoint, deliver, commands } = await start({ endpoint: { retryScheduleS: [3600] } });
  merchant.reply = status(503);
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  const [waiting] = await deliveriesUntil(endpoint, rows => rows[0]!.attempts === 1);
  const deliveryId = waiting!.id;
  let answer = () => {};
  merchant.reply = (_request, response) => {
    answer = () => response.end();
  };
  expect(await commands.retry(deliveryId)).toBe("queued");
  await merchant.until(2);
  expect(await commands.retry(deliveryId)).toBe("being sent");
  answer();
  expect(await deliveriesUntil(endpoint, allDelivered)).toMatchObject([{ attempts: 2 }]);
  expect(merchant.received).toHaveLength(2);
});

test("a disabled endpoint's deliveries fail without an attempt, and recover sends them in order once it is enabled", async () => {
  const { merchant, endpoint, deliver, commands } = await start();
  const transactionId = newUuid(shard);
  const [first, second, third] = [1, 2, 3].map(sequence => makeEvent(endpoint.merchantId, { transactionId, sequence }));
  // The first is pending when the endpoint is disabled, the second comes after.
  await publish(null, [first!]);
  await setEnabled(endpoint, false);
  await publish(deliver, [second!]);
  deliver.changed(endpoint.id);
  await deliveriesUntil(endpoint, allFailed);
  expect(await commands.recover(refOf(endpoint), longAgo)).toBe(0);
  await deliver.scan();
  expect(merchant.received).toEqual([]);

  await setEnabled(endpoint, true);
  deliver.changed(endpoint.id);
  await deliver.scan();
  expect(await deliveries(endpoint)).toMatchObject([{ state: "failed" }, { state: "failed" }]);
  expect(await commands.recover(refOf(endpoint), longAgo)).toBe(2);
  await publish(deliver, [third!]);
  await deliveriesUntil(endpoint, rows => rows.length === 3 && allDelivered(rows));
  const ids = [first!, second!, third!].map(event => publicId("event", event.id));
  expect(merchant.received.map(r => r.id)).toEqual(ids);
});

test("an attempt that fails while its endpoint is disabled leaves nothing pending", async () => {
  const { merchant, endpoint, deliver } = await start();
  let answer = () => {};
  merchant.reply = (_request, response) => {
    answer = () => response.writeHead(500).end();
  };
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  await merchant.until(1);
  await disableEndpoint({ sql: bundle.sql, auditKey }, shard, endpoint.id, "hopeless");
  answer();
  const [row] = await deliveriesUntil(endpoint, rows => rows[0]!.state === "failed");
  expect(row).toMatchObject({ attempts: 1, due_in_s: null });
  expect(await disableEndpoint({ sql: bundle.sql, auditKey }, shard, endpoint.id, "gone")).toBeNull();
});

test("pending deliveries of a deleted endpoint fail without an attempt", async () => {
  const { merchant, endpoint, deliver } = await start();
  await publish(null, eventsOf(endpoint.merchantId, 2));
  await bundle.sql`update endpoints set deleted_at = now() where id = ${endpoint.id}`;
  await deliver.scan();
  await deliveriesUntil(endpoint, allFailed);
  expect(merchant.received).toEqual([]);
});

test("recover queues the deliveries that failed from a time on, and no older ones", async () => {
  const { merchant, endpoint, commands } = await start({ endpoint: { enabled: false } });
  await publish(null, eventsOf(endpoint.merchantId, 2));
  const [old] = await deliveries(endpoint);
  await bundle.sql`update deliveries set created_at = now() - interval '10 minutes' where id = ${old!.id}`;
  await setEnabled(endpoint, true);
  expect(await commands.recover(refOf(endpoint), new Date(Date.now() - 60_000))).toBe(1);
  await merchant.until(1);
  await deliveriesUntil(endpoint, rows => rows[1]!.state === "delivered");
  expect((await deliveries(endpoint)).map(row => row.state)).toEqual(["failed", "delivered"]);
});

test("a replay sends the events of a period and of the named types again, under their ids", async () => {
  const { sql } = bundle;
  const { merchant, endpoint, deliver, commands } = await start({ endpoint: { eventTypes: ["payment.completed"] } });
  const [paid, failed, old, late] = [
    "payment.completed",
    "payment.failed",
    "payment.completed",
    "payment.completed",
  ].map(type => makeEvent(endpoint.merchantId, { type }));
  await publish(deliver, [old!, paid!, failed!, late!]);
  await deliveriesUntil(endpoint, rows => rows.length === 3 && allDelivered(rows));
  await sql`update events set created_at = now() - interval '2 hours' where id = ${old!.id}`;
  await sql`update events set created_at = now() + interval '2 minutes' where id = ${late!.id}`;
  const request = {
    ...refOf(endpoint),
    eventTypes: ["payment.*"],
    createdAfter: new Date(Date.now() - 3_600_000),
    createdBefore: new Date(Date.now() + 60_000),
  };
  const before = merchant.received.length;
  expect(await commands.replay(request)).toBe(2);
  await deliveriesUntil(endpoint, rows => rows.length === 5 && allDelivered(rows));
  expect(new Set(merchant.received.slice(before).map(r => r.id))).toEqual(
    new Set([paid!, failed!].map(event => publicId("event", event.id))),
  );
  expect(new Set(merchant.received.map(r => r.body)).size).toBe(4);
});

test("a replay leaves out events with a pending delivery, and delays no new event", async () => {
  const { merchant, endpoint, deliver, commands } = await start();
  const transactionId = newUuid(shard);
  const events = [1, 2, 3].map(sequence => makeEvent(endpoint.merchantId, { transactionId, sequence }));
  await publish(deliver, [events[0]!]);
  await deliveriesUntil(endpoint, allDelivered);
  await publish(null, [events[1]!]);
  merchant.reply = (request, response) => {
    response.writeHead(request.id === publicId("event", events[0]!.id) ? 500 : 200).end();
  };
  const request = { ...refOf(endpoint), eventTypes: ["*"], createdAfter: longAgo, createdBefore: null };
  expect(await commands.replay(request)).toBe(1);
  await publish(deliver, [events[2]!]);
  // The replay of the first fails; the second and third are delivered.
  const rows = await deliveriesUntil(endpoint, all => all.filter(row => row.state === "delivered").length === 3);
  expect(rows.filter(row => row.state === "pending")).toMatchObject([{ round: 1 }]);
});
