import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Deliver } from "../../src/deliver/deliver.ts";
import { newUuid, publicId } from "../../src/domain/ids.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { addSecret, makeEndpoint, makeEvent, makeMerchant } from "./fixtures.ts";
import { type Merchant, ok, startMerchant, status } from "./merchant.ts";
import { attemptsOf, settled, startRoom, tell, timePasses } from "./room.ts";

let database: TestDatabase;
let merchant: Merchant;
let deliver: Deliver;
const shard = 11;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  merchant = await startMerchant();
  deliver = startRoom(database.sql);
});
afterEach(async () => {
  await deliver.drain();
  await merchant.close();
});

const delivered = (rows: { state: string }[]) => rows.every(row => row.state === "delivered");

test("an event arrives signed, byte for byte, and is recorded as delivered", async () => {
  const { sql } = database;
  const endpoint = await makeEndpoint(sql, await makeMerchant(sql, shard), {
    url: merchant.url,
    headers: { "x-shop": "duka-7", "webhook-id": "forged", "content-type": "text/plain" },
  });
  const event = makeEvent(endpoint.merchantId);
  await tell(sql, deliver, [event]);
  const [request] = await merchant.until(1);
  expect(request).toMatchObject({ body: event.body, id: publicId("event", event.id), path: "/hooks" });
  expect(request!.headers).toMatchObject({
    "content-type": "application/json",
    "user-agent": "Hakika/test",
    "x-shop": "duka-7",
  });
  const headers = request!.headers as Record<string, string>;
  expect(new Webhook(endpoint.secret).verify(request!.body, headers)).toEqual(JSON.parse(event.body));
  const [row] = await settled(sql, endpoint.id, delivered);
  expect(row).toMatchObject({ attempts: 1, due_in_s: null });
  expect(await attemptsOf(sql, row!.id)).toEqual([{ attempt: 1, status: 200, error: null, answer: "thanks" }]);
});

test("every retry carries the same id and body and a signature of its own time", async () => {
  const { sql } = database;
  merchant.reply = status(500);
  const endpoint = await makeEndpoint(sql, await makeMerchant(sql, shard), { url: merchant.url });
  let clock = Date.parse("2026-05-01T08:00:00Z");
  const room = startRoom(sql, { now: () => new Date(clock) });
  const event = makeEvent(endpoint.merchantId);
  await tell(sql, room, [event]);
  for (let round = 1; round <= 3; round += 1) {
    await merchant.until(round);
    await settled(sql, endpoint.id, rows => rows[0]!.attempts === round);
    clock += 60_000;
    await timePasses(sql, endpoint.id);
    await room.scan();
  }
  await merchant.until(4);
  await room.drain();
  expect(new Set(merchant.received.map(r => r.id))).toEqual(new Set([publicId("event", event.id)]));
  expect(new Set(merchant.received.map(r => r.body))).toEqual(new Set([event.body]));
  expect(new Set(merchant.received.map(r => r.headers["webhook-timestamp"])).size).toBe(4);
  expect(new Set(merchant.received.map(r => r.headers["webhook-signature"])).size).toBe(4);
});

test("while a secret is being rotated both sign, and an expired one no more", async () => {
  const { sql } = database;
  const endpoint = await makeEndpoint(sql, await makeMerchant(sql, shard), { url: merchant.url });
  const next = await addSecret(sql, endpoint.id, null);
  const stale = await addSecret(sql, endpoint.id, new Date(Date.now() - 1000));
  await tell(sql, deliver, [makeEvent(endpoint.merchantId)]);
  const [request] = await merchant.until(1);
  const headers = request!.headers as Record<string, string>;
  expect(headers["webhook-signature"]!.split(" ")).toHaveLength(2);
  for (const secret of [endpoint.secret, next]) expect(new Webhook(secret).verify(request!.body, headers)).toBeTruthy();
  expect(() => new Webhook(stale).verify(request!.body, headers)).toThrow();
});

test("a failed delivery is retried by the endpoint's own schedule, then given up", async () => {
  const { sql } = database;
  merchant.reply = status(500);
  const endpoint = await makeEndpoint(sql, await makeMerchant(sql, shard), {
    url: merchant.url,
    retryScheduleS: [40, 900],
  });
  await tell(sql, deliver, [makeEvent(endpoint.merchantId)]);
  const waits = [];
  for (let round = 1; round <= 2; round += 1) {
    const [row] = await settled(sql, endpoint.id, rows => rows[0]!.attempts === round);
    waits.push(row!.due_in_s!);
    await timePasses(sql, endpoint.id);
    await deliver.scan();
  }
  const [row] = await settled(sql, endpoint.id, rows => rows[0]!.state === "failed");
  expect(row).toMatchObject({ attempts: 3, due_in_s: null });
  expect(waits[0]).toBeGreaterThan(30);
  expect(waits[0]).toBeLessThanOrEqual(40);
  expect(waits[1]).toBeGreaterThan(880);
  expect(waits[1]).toBeLessThanOrEqual(900);
  expect((await attemptsOf(sql, row!.id)).map(a => a.error)).toEqual(Array(3).fill("the server answered 500"));
});

test("an endpoint's events of one transaction go in order: the next waits until the one before is delivered", async () => {
  const { sql } = database;
  const endpoint = await makeEndpoint(sql, await makeMerchant(sql, shard), { url: merchant.url });
  const transactionId = newUuid(shard);
  const steps = [1, 2, 3].map(sequence => makeEvent(endpoint.merchantId, { transactionId, sequence }));
  const other = makeEvent(endpoint.merchantId);
  merchant.reply = (request, response) => {
    const isFirst = request.id === publicId("event", steps[0]!.id);
    response.writeHead(isFirst ? 503 : 200).end();
  };
  await tell(sql, deliver, [...steps, other]);
  await merchant.until(2);
  await settled(sql, endpoint.id, rows => rows[3]!.state === "delivered" && rows[0]!.attempts === 1);
  expect(new Set(merchant.received.map(r => r.id))).toEqual(
    new Set([steps[0]!, other].map(e => publicId("event", e.id))),
  );
  merchant.reply = ok;
  await sql`update delivery_queue set due_at = now() where endpoint_id = ${endpoint.id} and attempts > 0`;
  await deliver.scan();
  await settled(sql, endpoint.id, delivered);
  expect(merchant.received.slice(2).map(r => r.id)).toEqual(steps.map(e => publicId("event", e.id)));
});

test("the next event goes once the one before is given up", async () => {
  const { sql } = database;
  const endpoint = await makeEndpoint(sql, await makeMerchant(sql, shard), { url: merchant.url, retryScheduleS: [] });
  const transactionId = newUuid(shard);
  const steps = [1, 2].map(sequence => makeEvent(endpoint.merchantId, { transactionId, sequence }));
  merchant.reply = (request, response) => {
    response.writeHead(request.id === publicId("event", steps[0]!.id) ? 400 : 200).end();
  };
  await tell(sql, deliver, steps);
  const rows = await settled(sql, endpoint.id, all => all[1]!.state === "delivered");
  expect(rows.map(row => row.state)).toEqual(["failed", "delivered"]);
});

test("an event that comes while the one before is on its way goes right after it", async () => {
  const { sql } = database;
  const endpoint = await makeEndpoint(sql, await makeMerchant(sql, shard), { url: merchant.url });
  const transactionId = newUuid(shard);
  let answer = () => {};
  merchant.reply = (_request, response) => {
    answer = () => response.end();
  };
  await tell(sql, deliver, [makeEvent(endpoint.merchantId, { transactionId, sequence: 1 })]);
  await merchant.until(1);
  await tell(sql, deliver, [makeEvent(endpoint.merchantId, { transactionId, sequence: 2 })]);
  // Parked: seen by a claim while the first is leased.
  await expect
    .poll(() => sql`select 1 from delivery_queue where sequence = 2 and due_at > now() + interval '20 s'`)
    .toHaveLength(1);
  merchant.reply = ok;
  answer();
  await merchant.until(2);
  await settled(sql, endpoint.id, delivered);
});
