import { afterAll, beforeAll, expect, test } from "vitest";
import { newUuid } from "../../src/domain/ids.ts";
import { fanOut } from "../../src/outbox/fan-out.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { makeEndpoint, makeEvent, makeMerchant } from "./fixtures.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const shard = 5;

async function owed(endpointId: string) {
  return await database.sql`
    select e.type, d.state, q.order_key, q.sequence, q.attempts
    from deliveries d join events e on e.shard = d.shard and e.id = d.event_id
    left join delivery_queue q on q.shard = d.shard and q.delivery_id = d.id
    where d.shard = ${shard} and d.endpoint_id = ${endpointId} order by e.id`;
}

test("an event is owed to each endpoint of its merchant that takes its type, and to no other merchant's", async () => {
  const { sql } = database;
  const [merchant, other] = [await makeMerchant(sql, shard), await makeMerchant(sql, shard)];
  const all = await makeEndpoint(sql, merchant);
  const payments = await makeEndpoint(sql, merchant, { eventTypes: ["payment.*"] });
  const chat = await makeEndpoint(sql, merchant, { eventTypes: ["chat.message_received", "transaction.merged"] });
  const foreign = await makeEndpoint(sql, other);
  const transactionId = newUuid(shard);
  const completed = makeEvent(merchant, { transactionId, sequence: 1 });
  const review = makeEvent(merchant, { transactionId, sequence: 2, type: "transaction.review_required" });
  const message = makeEvent(merchant, { type: "chat.message_received" });

  const woken = await sql.begin(tx => fanOut(tx, shard, [completed, review, message]));

  expect(new Set(woken)).toEqual(new Set([all.id, payments.id, chat.id]));
  const row = { state: "pending", attempts: 0 };
  const first = { ...row, type: "payment.completed", order_key: transactionId, sequence: 1 };
  const second = { ...row, type: "transaction.review_required", order_key: transactionId, sequence: 2 };
  const alone = { ...row, type: "chat.message_received", order_key: message.id, sequence: 1 };
  expect(await owed(all.id)).toEqual([first, second, alone]);
  expect(await owed(payments.id)).toEqual([first]);
  expect(await owed(chat.id)).toEqual([alone]);
  expect(await owed(foreign.id)).toEqual([]);
});

test("what a disabled endpoint would have been told is kept as failed and wakes nobody", async () => {
  const { sql } = database;
  const merchant = await makeMerchant(sql, shard);
  const disabled = await makeEndpoint(sql, merchant, { enabled: false });
  const woken = await sql.begin(tx => fanOut(tx, shard, [makeEvent(merchant)]));
  expect(woken).toEqual([]);
  expect(await owed(disabled.id)).toMatchObject([{ state: "failed", sequence: null }]);
});

test("a deleted endpoint is told nothing, and an event that nobody takes is kept", async () => {
  const { sql } = database;
  const merchant = await makeMerchant(sql, shard);
  const deleted = await makeEndpoint(sql, merchant);
  await sql`update endpoints set deleted_at = now() where id = ${deleted.id}`;
  const event = makeEvent(merchant);
  expect(await sql.begin(tx => fanOut(tx, shard, [event]))).toEqual([]);
  expect(await owed(deleted.id)).toEqual([]);
  expect(await sql`select body from events where id = ${event.id}`).toEqual([{ body: event.body }]);
});

test("events and what is owed are gone when the change they tell of is taken back", async () => {
  const { sql } = database;
  const merchant = await makeMerchant(sql, shard);
  const endpoint = await makeEndpoint(sql, merchant);
  const event = makeEvent(merchant);
  const undone = sql.begin(async tx => {
    await fanOut(tx, shard, [event]);
    throw new Error("taken back");
  });
  await expect(undone).rejects.toThrow("taken back");
  expect(await owed(endpoint.id)).toEqual([]);
  expect(await sql`select 1 from events where id = ${event.id}`).toEqual([]);
});
