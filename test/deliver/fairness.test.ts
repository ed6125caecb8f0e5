import { expect, test } from "vitest";
import { allDelivered, deliverBundle, eventsOf, testEgress } from "./deliver-bundle.ts";
import { hang, ok, status } from "./merchant.ts";

const shard = 16;
const bundle = deliverBundle(shard, { drainMs: 0 });
const { startMerchant, addEndpoint, startWorker, publish, deliveries, deliveriesUntil, makeRetriesDue } = bundle;

test("an endpoint that hangs on every call delays no other endpoint, not even one on the same server", async () => {
  const merchant = await startMerchant((request, response) => {
    if (request.path === "/well") response.end();
  });
  const origin = new URL(merchant.url).origin;
  const dead = await addEndpoint(merchant, { url: `${origin}/dead` });
  const well = await addEndpoint(merchant, { url: `${origin}/well` });
  const deliver = startWorker();
  await publish(deliver, eventsOf(dead.merchantId, 500));
  await merchant.until(4);
  await publish(deliver, eventsOf(well.merchantId, 500));
  await deliveriesUntil(well, allDelivered);
  const hanging = merchant.received.filter(r => r.path === "/dead").length;
  expect(hanging).toBeGreaterThan(0);
  expect(hanging).toBeLessThanOrEqual(64);
  expect((await deliveries(dead)).every(row => row.state === "pending" && row.attempts === 0)).toBe(true);
});

test("however many endpoints hang, attempts are left for those that deliver", async () => {
  const [dead, well] = [await startMerchant(hang), await startMerchant()];
  const limits = { inFlightMax: 40, unprovenInFlightMax: 20 };
  const deliver = startWorker({ limits });
  const good = await addEndpoint(well);
  await publish(deliver, eventsOf(good.merchantId, 1));
  await deliveriesUntil(good, allDelivered);
  for (let at = 0; at < 10; at += 1) {
    const bad = await addEndpoint(dead);
    await publish(deliver, eventsOf(bad.merchantId, 20));
  }
  await dead.until(20);
  await publish(deliver, eventsOf(good.merchantId, 200));
  await deliveriesUntil(good, allDelivered);
  expect(dead.received).toHaveLength(20);
});

test("regression: an endpoint that delivered well and then hangs takes no connection from another on its server", async () => {
  let slowCalls = 0;
  const merchant = await startMerchant((request, response) => {
    if (request.path === "/well") response.end();
    else if (slowCalls++ < 300) response.end();
  });
  const origin = new URL(merchant.url).origin;
  const slow = await addEndpoint(merchant, { url: `${origin}/slow` });
  const well = await addEndpoint(merchant, { url: `${origin}/well` });
  const deliver = startWorker({ egress: testEgress({ limits: { connectionsPerOriginMax: 48 } }) });
  await publish(deliver, eventsOf(slow.merchantId, 500));
  // Its window is at the maximum: it has all connections to the server.
  await merchant.until(348);
  await publish(deliver, eventsOf(well.merchantId, 200));
  await deliveriesUntil(well, allDelivered);
  expect(slowCalls).toBe(348);
});

test("regression: endpoints that delivered well and then hang together leave attempts for others", async () => {
  let isHanging = false;
  const dead = await startMerchant((_request, response) => {
    if (!isHanging) response.end();
  });
  const well = await startMerchant();
  const limits = { inFlightMax: 64, endpointInFlightMax: 16 };
  const deliver = startWorker({ limits });
  const bad = await Promise.all(Array.from({ length: 12 }, () => addEndpoint(dead)));
  for (const each of bad) {
    await publish(deliver, eventsOf(each.merchantId, 40));
    await deliveriesUntil(each, allDelivered);
  }
  isHanging = true;
  const before = dead.received.length;
  for (const each of bad) await publish(deliver, eventsOf(each.merchantId, 40));
  await dead.until(before + bad.length);
  const good = await addEndpoint(well);
  await publish(deliver, eventsOf(good.merchantId, 100));
  await deliveriesUntil(good, allDelivered);
  expect(dead.received.length - before).toBeLessThan(64);
});

test("an endpoint that hangs has few attempts under way, and adds no statement to the deliveries of others", async () => {
  const { sql } = bundle;
  const statements = { claims: 0, all: 0 };
  const counted = new Proxy(sql, {
    apply(target, self, [strings, ...values]: [TemplateStringsArray, ...unknown[]]) {
      // Events that waited for another are looked for from time to time, for all endpoints together.
      if (!strings.join("").includes("with finished as")) statements.all += 1;
      if (strings.join("").includes("for update skip locked")) statements.claims += 1;
      return Reflect.apply(target, self, [strings, ...values]);
    },
  });
  const [hanging, quick] = [await startMerchant(hang), await startMerchant()];
  const [dead, well] = [await addEndpoint(hanging), await addEndpoint(quick)];
  const deliver = startWorker({ sql: counted, limits: { endpointCacheMs: 600_000 } });
  const oneByOne = async () => {
    const before = { ...statements };
    for (let n = 0; n < 20; n += 1) {
      await publish(deliver, eventsOf(well.merchantId, 1));
      await deliveriesUntil(well, allDelivered);
    }
    return { claims: statements.claims - before.claims, all: statements.all - before.all };
  };
  await oneByOne();
  const alone = await oneByOne();
  await publish(deliver, eventsOf(dead.merchantId, 500));
  await hanging.until(4);
  const beside = await oneByOne();
  // A claim and a recording.
  expect(alone).toEqual({ claims: 20, all: 40 });
  expect(beside).toEqual(alone);
  expect(hanging.received).toHaveLength(4);
});

test("first attempts are made before retries", async () => {
  const merchant = await startMerchant(status(500));
  const target = await addEndpoint(merchant);
  const deliver = startWorker();
  await publish(deliver, eventsOf(target.merchantId, 6));
  await deliveriesUntil(target, rows => rows.every(row => row.attempts === 1));
  await makeRetriesDue(target);
  const fresh = eventsOf(target.merchantId, 6);
  await publish(null, fresh);
  merchant.reply = ok;
  // One attempt at a time, so that the order can be seen.
  const narrow = startWorker({ limits: { endpointInFlightMax: 1 } });
  await deliver.drain();
  await narrow.scan();
  await deliveriesUntil(target, allDelivered);
  const order = merchant.received.slice(6).map(r => fresh.some(event => r.body === event.body));
  expect(order).toEqual([...Array(6).fill(true), ...Array(6).fill(false)]);
});

test("all workers together keep an endpoint's rate limit", async () => {
  const merchant = await startMerchant();
  const target = await addEndpoint(merchant, { rateLimitPerS: 40 });
  const other = await addEndpoint(merchant);
  const [one, two] = [startWorker(), startWorker()];
  const { rows, seconds } = await timed(async () => {
    await publish(null, eventsOf(target.merchantId, 60));
    await Promise.all([one.scan(), two.scan()]);
    await publish(one, eventsOf(other.merchantId, 60));
    await deliveriesUntil(other, allDelivered);
    return await deliveriesUntil(target, allDelivered);
  });
  expect(rows).toHaveLength(60);
  // Not faster than the limit and its burst of a tenth of a second allow. How much slower depends on the machine.
  expect(60 / 40 - 0.1).toBeLessThanOrEqual(seconds);
});

async function timed<T>(work: () => Promise<T>): Promise<{ rows: T; seconds: number }> {
  const since = performance.now();
  const rows = await work();
  return { rows, seconds: (performance.now() - since) / 1000 };
}

test("an endpoint that always fails gets probes, and all of its backlog once it has recovered", async () => {
  const merchant = await startMerchant(status(500));
  const target = await addEndpoint(merchant);
  const deliver = startWorker();
  await publish(deliver, eventsOf(target.merchantId, 300));
  await merchant.until(20);
  // Most deliveries are not attempted: the breaker is open.
  expect((await deliveries(target)).filter(row => row.attempts === 0).length).toBeGreaterThan(200);
  merchant.reply = ok;
  await deliveriesUntil(target, rows => rows.filter(row => row.state === "delivered").length >= 250);
  await makeRetriesDue(target);
  await deliver.scan();
  await deliveriesUntil(target, allDelivered);
});

test("a backlog of 50,000 is sent at the rate limit while new events of other endpoints are delivered", {
  timeout: 60_000,
}, async () => {
  const { sql } = bundle;
  const [back, well] = [await startMerchant(), await startMerchant()];
  const target = await addEndpoint(back, { rateLimitPerS: 400 });
  const other = await addEndpoint(well);
  await backlog(target, 50_000);
  const deliver = startWorker({ egress: testEgress({ limits: { connectionsPerOriginMax: 64 } }) });
  const since = performance.now();
  await deliver.scan();
  for (let round = 0; round < 10; round += 1) {
    await back.until(100 * (round + 1));
    await publish(deliver, eventsOf(other.merchantId, 20));
    await well.until(20 * (round + 1));
  }
  const sent = back.received.length;
  const seconds = (performance.now() - since) / 1000;
  expect(sent).toBeLessThanOrEqual(400 * (seconds + 0.2) + 1);
  expect(await deliveriesUntil(other, allDelivered)).toHaveLength(200);

  // Without a limit the backlog is sent as fast as possible, each delivery once.
  await sql`update endpoints set rate_limit_per_s = null where id = ${target.id}`;
  deliver.changed(target.id);
  await back.until(10_000);
  expect(new Set(back.received.map(r => r.id)).size).toBe(back.received.length);
});

/** Inserts deliveries that failed once, an hour ago, and wait for a retry. */
async function backlog(target: { id: string; merchantId: string }, count: number): Promise<void> {
  await bundle.sql`
    with made as (
      select gen_random_uuid() as event_id, gen_random_uuid() as delivery_id from generate_series(1, ${count}::int)
    ), told as (
      insert into events (shard, id, merchant_id, type, body)
      select ${shard}, event_id, ${target.merchantId}, 'payment.completed', '{}' from made
    ), owed as (
      insert into deliveries (shard, id, merchant_id, endpoint_id, event_id, state)
      select ${shard}, delivery_id, ${target.merchantId}, ${target.id}, event_id, 'pending' from made
    )
    insert into delivery_queue (shard, endpoint_id, order_key, sequence, delivery_id, due_at, attempts, lane)
    select ${shard}, ${target.id}, event_id, 1, delivery_id, now() - interval '1 hour', 1, 1 from made`;
}
