import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { deliverCommands } from "../../src/deliver/commands/commands.ts";
import { disableEndpoint } from "../../src/deliver/commands/disable.ts";
import { newUuid, publicId } from "../../src/domain/ids.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { makeEndpoint, makeEvent, makeMerchant } from "./fixtures.ts";
import { type Merchant, ok, startMerchant, status } from "./merchant.ts";
import { deliveriesOf, settled, startRoom, tell } from "./room.ts";

let database: TestDatabase;
let merchant: Merchant;
const shard = 15;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  merchant = await startMerchant();
});
afterEach(() => merchant.close());

function working() {
  const deliver = startRoom(database.sql);
  onTestFinished(() => deliver.drain());
  return { deliver, verbs: deliverCommands({ sql: database.sql, wake: deliver.wake, now: () => new Date() }) };
}

async function endpoint(options = {}) {
  return await makeEndpoint(database.sql, await makeMerchant(database.sql, shard), { url: merchant.url, ...options });
}
const refOf = (target: { id: string; merchantId: string }) => ({
  shard,
  merchantId: target.merchantId,
  endpointId: target.id,
});
const set = (endpointId: string, enabled: boolean) =>
  database.sql`update endpoints set enabled = ${enabled}, updated_at = now() where id = ${endpointId}`;
const delivered = (rows: { state: string }[]) => rows.every(row => row.state === "delivered");
const longAgo = new Date("2020-01-01T00:00:00Z");

test("a test event goes to its endpoint alone, whatever that takes", async () => {
  const { deliver, verbs } = working();
  const target = await endpoint({ eventTypes: ["payout.*"] });
  const other = await makeEndpoint(database.sql, target.merchantId, { url: merchant.url });
  const { eventId, deliveryId } = await verbs.enqueueTest(refOf(target));
  const [request] = await merchant.until(1);
  expect(JSON.parse(request!.body)).toMatchObject({ id: publicId("event", eventId), type: "endpoint.test" });
  expect(await settled(database.sql, target.id, delivered)).toMatchObject([{ id: deliveryId }]);
  await deliver.scan();
  expect(await deliveriesOf(database.sql, other.id)).toEqual([]);
});

test("a delivery that was given up can be retried by hand, from the beginning of its schedule", async () => {
  const { sql } = database;
  const { deliver, verbs } = working();
  merchant.reply = status(500);
  const target = await endpoint({ retryScheduleS: [3600] });
  await tell(sql, deliver, [makeEvent(target.merchantId)]);
  const [waiting] = await settled(sql, target.id, rows => rows[0]!.attempts === 1);
  // One that waits is sent now, and that is the second attempt of its schedule.
  expect(await verbs.retry({ shard, deliveryId: waiting!.id })).toBe("queued");
  await settled(sql, target.id, rows => rows[0]!.state === "failed" && rows[0]!.attempts === 2);
  expect(await verbs.retry({ shard, deliveryId: waiting!.id })).toBe("queued");
  await settled(sql, target.id, rows => rows[0]!.attempts === 3);
  expect(await deliveriesOf(sql, target.id)).toMatchObject([{ state: "pending", round: 1 }]);
  merchant.reply = ok;
  await verbs.retry({ shard, deliveryId: waiting!.id });
  await settled(sql, target.id, delivered);
  expect(await verbs.retry({ shard, deliveryId: waiting!.id })).toBe("queued");
  await merchant.until(5);
  await settled(sql, target.id, delivered);
  await set(target.id, false);
  expect(await verbs.retry({ shard, deliveryId: waiting!.id })).toBe("endpoint disabled");
  await sql`update endpoints set deleted_at = now() where id = ${target.id}`;
  expect(await verbs.retry({ shard, deliveryId: waiting!.id })).toBe("endpoint deleted");
  expect(await verbs.retry({ shard, deliveryId: newUuid(shard) })).toBe("endpoint deleted");
});

test("regression-011: a delivery that waits can be retried by hand, one that is being sent is left alone", async () => {
  const { sql } = database;
  const { deliver, verbs } = working();
  const target = await endpoint({ retryScheduleS: [3600] });
  merchant.reply = status(503);
  await tell(sql, deliver, [makeEvent(target.merchantId)]);
  const [waiting] = await settled(sql, target.id, rows => rows[0]!.attempts === 1);
  const deliveryId = waiting!.id;
  let answer = () => {};
  merchant.reply = (_request, response) => {
    answer = () => response.end();
  };
  expect(await verbs.retry({ shard, deliveryId })).toBe("queued");
  await merchant.until(2);
  expect(await verbs.retry({ shard, deliveryId })).toBe("being sent");
  answer();
  expect(await settled(sql, target.id, delivered)).toMatchObject([{ attempts: 2 }]);
  expect(merchant.received).toHaveLength(2);
});

test("a disabled endpoint gets nothing, keeps its events as failed, and recover sends them in order once it is enabled", async () => {
  const { sql } = database;
  const { deliver, verbs } = working();
  const target = await endpoint();
  const transactionId = newUuid(shard);
  const [first, second, third] = [1, 2, 3].map(sequence => makeEvent(target.merchantId, { transactionId, sequence }));
  // One waits already when the endpoint is disabled, one comes after.
  await tell(sql, null, [first!]);
  await set(target.id, false);
  await tell(sql, deliver, [second!]);
  deliver.changed(target.id);
  await settled(sql, target.id, rows => rows.every(row => row.state === "failed"));
  expect(await verbs.recover({ ...refOf(target), since: longAgo })).toBe(0);
  await deliver.scan();
  expect(merchant.received).toEqual([]);

  await set(target.id, true);
  deliver.changed(target.id);
  await deliver.scan();
  expect(await deliveriesOf(sql, target.id)).toMatchObject([{ state: "failed" }, { state: "failed" }]);
  expect(await verbs.recover({ ...refOf(target), since: longAgo })).toBe(2);
  await tell(sql, deliver, [third!]);
  await settled(sql, target.id, rows => rows.length === 3 && delivered(rows));
  const ids = [first!, second!, third!].map(event => publicId("event", event.id));
  expect(merchant.received.map(r => r.id)).toEqual(ids);
});

test("what fails while its endpoint is being disabled is not left waiting", async () => {
  const { sql } = database;
  const { deliver } = working();
  let answer = () => {};
  merchant.reply = (_request, response) => {
    answer = () => response.writeHead(500).end();
  };
  const target = await endpoint();
  await tell(sql, deliver, [makeEvent(target.merchantId)]);
  await merchant.until(1);
  await disableEndpoint(sql, shard, target.id, "hopeless");
  answer();
  const [row] = await settled(sql, target.id, rows => rows[0]!.state === "failed");
  expect(row).toMatchObject({ attempts: 1, due_in_s: null });
  expect(await disableEndpoint(sql, shard, target.id, "gone")).toBeNull();
});

test("what waits for a deleted endpoint is given up without a call", async () => {
  const { sql } = database;
  const { deliver } = working();
  const target = await endpoint();
  await tell(sql, null, [makeEvent(target.merchantId), makeEvent(target.merchantId)]);
  await sql`update endpoints set deleted_at = now() where id = ${target.id}`;
  await deliver.scan();
  await settled(sql, target.id, rows => rows.every(row => row.state === "failed"));
  expect(merchant.received).toEqual([]);
});

test("recover takes what failed from the given time on, and leaves the rest", async () => {
  const { sql } = database;
  const { verbs } = working();
  const target = await endpoint({ enabled: false });
  await tell(sql, null, [makeEvent(target.merchantId), makeEvent(target.merchantId)]);
  const [old] = await deliveriesOf(sql, target.id);
  await sql`update deliveries set created_at = now() - interval '10 minutes' where id = ${old!.id}`;
  await set(target.id, true);
  expect(await verbs.recover({ ...refOf(target), since: new Date(Date.now() - 60_000) })).toBe(1);
  await merchant.until(1);
  await settled(sql, target.id, rows => rows[1]!.state === "delivered");
  expect((await deliveriesOf(sql, target.id)).map(row => row.state)).toEqual(["failed", "delivered"]);
});

test("a replay sends the events of a time again, under their ids, those of the wanted types", async () => {
  const { sql } = database;
  const { verbs, deliver } = working();
  const target = await endpoint({ eventTypes: ["payment.completed"] });
  const [paid, failed, old, late] = [
    "payment.completed",
    "payment.failed",
    "payment.completed",
    "payment.completed",
  ].map(type => makeEvent(target.merchantId, { type }));
  await tell(sql, deliver, [old!, paid!, failed!, late!]);
  await settled(sql, target.id, rows => rows.length === 3 && delivered(rows));
  await sql`update events set created_at = now() - interval '2 hours' where id = ${old!.id}`;
  await sql`update events set created_at = now() + interval '2 minutes' where id = ${late!.id}`;
  const request = {
    ...refOf(target),
    eventTypes: ["payment.*"],
    createdAfter: new Date(Date.now() - 3_600_000),
    createdBefore: new Date(Date.now() + 60_000),
  };
  const before = merchant.received.length;
  expect(await verbs.replay(request)).toBe(2);
  await settled(sql, target.id, rows => rows.length === 5 && delivered(rows));
  expect(new Set(merchant.received.slice(before).map(r => r.id))).toEqual(
    new Set([paid!, failed!].map(event => publicId("event", event.id))),
  );
  expect(new Set(merchant.received.map(r => r.body)).size).toBe(4);
});

test("a replay leaves out what is on its way, and holds nothing new up", async () => {
  const { sql } = database;
  const { verbs, deliver } = working();
  const target = await endpoint();
  const transactionId = newUuid(shard);
  const steps = [1, 2, 3].map(sequence => makeEvent(target.merchantId, { transactionId, sequence }));
  await tell(sql, deliver, [steps[0]!]);
  await settled(sql, target.id, delivered);
  await tell(sql, null, [steps[1]!]);
  merchant.reply = (request, response) => {
    response.writeHead(request.id === publicId("event", steps[0]!.id) ? 500 : 200).end();
  };
  const request = { ...refOf(target), eventTypes: ["*"], createdAfter: longAgo, createdBefore: null };
  expect(await verbs.replay(request)).toBe(1);
  await tell(sql, deliver, [steps[2]!]);
  // The replay of the first fails; the second and third go all the same.
  const rows = await settled(sql, target.id, all => all.filter(row => row.state === "delivered").length === 3);
  expect(rows.filter(row => row.state === "pending")).toMatchObject([{ round: 1 }]);
});
