import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { newUuid, publicId } from "../../src/domain/ids.ts";
import { allDelivered, deliverBundle } from "./deliver-bundle.ts";
import { addSecret, makeEvent } from "./fixtures.ts";
import { ok, status } from "./merchant.ts";

const shard = 11;
const bundle = deliverBundle(shard);
const { start, publish, deliveriesUntil, attempts, makeRetriesDue } = bundle;

test("an event arrives signed and byte for byte, and its delivery is recorded", async () => {
  const headers = { "x-shop": "duka-7", "webhook-id": "forged", "content-type": "text/plain" };
  const { merchant, endpoint, deliver } = await start({ endpoint: { headers } });
  const event = makeEvent(endpoint.merchantId);
  await publish(deliver, [event]);
  const [request] = await merchant.until(1);
  expect(request).toMatchObject({ body: event.body, id: publicId("event", event.id), path: "/hooks" });
  expect(request!.headers).toMatchObject({
    "content-type": "application/json",
    "user-agent": "Hakika/test",
    "x-shop": "duka-7",
  });
  const received = request!.headers as Record<string, string>;
  expect(new Webhook(endpoint.secret).verify(request!.body, received)).toEqual(JSON.parse(event.body));
  const [row] = await deliveriesUntil(endpoint, allDelivered);
  expect(row).toMatchObject({ attempts: 1, due_in_s: null });
  expect(await attempts(row!)).toEqual([{ attempt: 1, status: 200, error: null, answer: "thanks" }]);
});

test("every retry has the same id and body, and a timestamp and signature of its own", async () => {
  let clock = Date.parse("2026-05-01T08:00:00Z");
  const worker = { now: () => new Date(clock) };
  const { merchant, endpoint, deliver } = await start({ reply: status(500), worker });
  const event = makeEvent(endpoint.merchantId);
  await publish(deliver, [event]);
  for (let round = 1; round <= 3; round += 1) {
    await merchant.until(round);
    await deliveriesUntil(endpoint, rows => rows[0]!.attempts === round);
    clock += 60_000;
    await makeRetriesDue(endpoint);
    await deliver.scan();
  }
  await merchant.until(4);
  await deliver.drain();
  expect(new Set(merchant.received.map(r => r.id))).toEqual(new Set([publicId("event", event.id)]));
  expect(new Set(merchant.received.map(r => r.body))).toEqual(new Set([event.body]));
  expect(new Set(merchant.received.map(r => r.headers["webhook-timestamp"])).size).toBe(4);
  expect(new Set(merchant.received.map(r => r.headers["webhook-signature"])).size).toBe(4);
});

test("while a secret is rotated both secrets sign, and an expired one does not", async () => {
  const { merchant, endpoint, deliver } = await start();
  const next = await addSecret(bundle.sql, endpoint.id, null);
  const expired = await addSecret(bundle.sql, endpoint.id, new Date(Date.now() - 1000));
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  const [request] = await merchant.until(1);
  const headers = request!.headers as Record<string, string>;
  expect(headers["webhook-signature"]!.split(" ")).toHaveLength(2);
  for (const secret of [endpoint.secret, next]) expect(new Webhook(secret).verify(request!.body, headers)).toBeTruthy();
  expect(() => new Webhook(expired).verify(request!.body, headers)).toThrow();
});

test("a failed delivery is retried by the endpoint's own schedule, then fails for good", async () => {
  const { endpoint, deliver } = await start({ reply: status(500), endpoint: { retryScheduleS: [40, 900] } });
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  const waits = [];
  for (let round = 1; round <= 2; round += 1) {
    const [row] = await deliveriesUntil(endpoint, rows => rows[0]!.attempts === round);
    waits.push(row!.due_in_s!);
    await makeRetriesDue(endpoint);
    await deliver.scan();
  }
  const [row] = await deliveriesUntil(endpoint, rows => rows[0]!.state === "failed");
  expect(row).toMatchObject({ attempts: 3, due_in_s: null });
  expect(waits[0]).toBeGreaterThan(30);
  expect(waits[0]).toBeLessThanOrEqual(40);
  expect(waits[1]).toBeGreaterThan(880);
  expect(waits[1]).toBeLessThanOrEqual(900);
  expect((await attempts(row!)).map(a => a.error)).toEqual(Array(3).fill("the server answered 500"));
});

test("a transaction's events go to an endpoint in order: each waits until the one before is delivered", async () => {
  const { merchant, endpoint, deliver } = await start();
  const transactionId = newUuid(shard);
  const events = [1, 2, 3].map(sequence => makeEvent(endpoint.merchantId, { transactionId, sequence }));
  const other = makeEvent(endpoint.merchantId);
  merchant.reply = (request, response) => {
    const isFirst = request.id === publicId("event", events[0]!.id);
    response.writeHead(isFirst ? 503 : 200).end();
  };
  await publish(deliver, [...events, other]);
  await merchant.until(2);
  await deliveriesUntil(endpoint, rows => rows[3]!.state === "delivered" && rows[0]!.attempts === 1);
  expect(new Set(merchant.received.map(r => r.id))).toEqual(
    new Set([events[0]!, other].map(e => publicId("event", e.id))),
  );
  merchant.reply = ok;
  await bundle.sql`update delivery_queue set due_at = now() where endpoint_id = ${endpoint.id} and attempts > 0`;
  await deliver.scan();
  await deliveriesUntil(endpoint, allDelivered);
  expect(merchant.received.slice(2).map(r => r.id)).toEqual(events.map(e => publicId("event", e.id)));
});

test("an event goes once the one before has failed for good", async () => {
  const { merchant, endpoint, deliver } = await start({ endpoint: { retryScheduleS: [] } });
  const transactionId = newUuid(shard);
  const events = [1, 2].map(sequence => makeEvent(endpoint.merchantId, { transactionId, sequence }));
  merchant.reply = (request, response) => {
    response.writeHead(request.id === publicId("event", events[0]!.id) ? 400 : 200).end();
  };
  await publish(deliver, events);
  const rows = await deliveriesUntil(endpoint, all => all[1]!.state === "delivered");
  expect(rows.map(row => row.state)).toEqual(["failed", "delivered"]);
});

test("an event that comes during the attempt at the one before goes right after it", async () => {
  const { merchant, endpoint, deliver } = await start();
  const transactionId = newUuid(shard);
  let answer = () => {};
  merchant.reply = (_request, response) => {
    answer = () => response.end();
  };
  await publish(deliver, [makeEvent(endpoint.merchantId, { transactionId, sequence: 1 })]);
  await merchant.until(1);
  await publish(deliver, [makeEvent(endpoint.merchantId, { transactionId, sequence: 2 })]);
  // A claim has parked the second event while the first is leased.
  await expect
    .poll(() => bundle.sql`select 1 from delivery_queue where sequence = 2 and due_at > now() + interval '20 s'`)
    .toHaveLength(1);
  merchant.reply = ok;
  answer();
  await merchant.until(2);
  await deliveriesUntil(endpoint, allDelivered);
});
