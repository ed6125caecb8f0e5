import { expect, test } from "vitest";
import { newUuid } from "../../src/domain/ids.ts";
import { fanOut } from "../../src/outbox/fan-out.ts";
import { eventBodiesOf } from "../support/stored-personal.ts";
import { deliverBundle } from "./deliver-bundle.ts";
import { makeEndpoint, makeEvent, makeMerchant, type TestEndpoint } from "./fixtures.ts";

const shard = 5;
const bundle = deliverBundle(shard);

async function deliveriesTo(endpoint: TestEndpoint) {
  return await bundle.sql`
    select e.type, d.state, q.order_key, q.sequence, q.attempts
    from deliveries d join events e on e.shard = d.shard and e.id = d.event_id
    left join delivery_queue q on q.shard = d.shard and q.delivery_id = d.id
    where d.shard = ${shard} and d.endpoint_id = ${endpoint.id} order by e.id`;
}

test("an event has a delivery to each endpoint of its merchant that takes its type, and to no other merchant's", async () => {
  const { sql } = bundle;
  const [merchant, other] = [await makeMerchant(sql, shard), await makeMerchant(sql, shard)];
  const all = await makeEndpoint(sql, merchant);
  const payments = await makeEndpoint(sql, merchant, { eventTypes: ["payment.*"] });
  const chat = await makeEndpoint(sql, merchant, { eventTypes: ["chat.message_received", "transaction.merged"] });
  const foreign = await makeEndpoint(sql, other);
  const transactionId = newUuid(shard);
  const completed = makeEvent(merchant, { transactionId, sequence: 1 });
  const review = makeEvent(merchant, { transactionId, sequence: 2, type: "transaction.review_required" });
  const message = makeEvent(merchant, { type: "chat.message_received" });

  const toWake = await sql.begin(tx => fanOut(tx, shard, [completed, review, message]));

  expect(new Set(toWake)).toEqual(new Set([all.id, payments.id, chat.id]));
  const row = { state: "pending", attempts: 0 };
  const first = { ...row, type: "payment.completed", order_key: transactionId, sequence: 1 };
  const second = { ...row, type: "transaction.review_required", order_key: transactionId, sequence: 2 };
  const alone = { ...row, type: "chat.message_received", order_key: message.id, sequence: 1 };
  expect(await deliveriesTo(all)).toEqual([first, second, alone]);
  expect(await deliveriesTo(payments)).toEqual([first]);
  expect(await deliveriesTo(chat)).toEqual([alone]);
  expect(await deliveriesTo(foreign)).toEqual([]);
});

test("a delivery to a disabled endpoint is failed from the start, and its endpoint is not woken", async () => {
  const { sql } = bundle;
  const merchant = await makeMerchant(sql, shard);
  const disabled = await makeEndpoint(sql, merchant, { enabled: false });
  const toWake = await sql.begin(tx => fanOut(tx, shard, [makeEvent(merchant)]));
  expect(toWake).toEqual([]);
  expect(await deliveriesTo(disabled)).toMatchObject([{ state: "failed", sequence: null }]);
});

test("a deleted endpoint has no delivery, and an event without deliveries is stored", async () => {
  const { sql } = bundle;
  const merchant = await makeMerchant(sql, shard);
  const deleted = await makeEndpoint(sql, merchant);
  await sql`update endpoints set deleted_at = now() where id = ${deleted.id}`;
  const event = makeEvent(merchant);
  expect(await sql.begin(tx => fanOut(tx, shard, [event]))).toEqual([]);
  expect(await deliveriesTo(deleted)).toEqual([]);
  expect(await eventBodiesOf(sql, merchant)).toEqual([JSON.parse(event.body)]);
});

test("events and deliveries are rolled back with the change that they are about", async () => {
  const { sql } = bundle;
  const merchant = await makeMerchant(sql, shard);
  const endpoint = await makeEndpoint(sql, merchant);
  const event = makeEvent(merchant);
  const rolledBack = sql.begin(async tx => {
    await fanOut(tx, shard, [event]);
    throw new Error("rolled back");
  });
  await expect(rolledBack).rejects.toThrow("rolled back");
  expect(await deliveriesTo(endpoint)).toEqual([]);
  expect(await sql`select 1 from events where id = ${event.id}`).toEqual([]);
});
