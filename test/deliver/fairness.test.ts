import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Deliver, DeliverDeps } from "../../src/deliver/deliver.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type EndpointOptions, makeEndpoint, makeEvent, makeMerchant } from "./fixtures.ts";
import { hang, type Merchant, ok, type Reply, startMerchant, status } from "./merchant.ts";
import { deliveriesOf, settled, startRoom, tell, testEgress, timePasses } from "./room.ts";

let database: TestDatabase;
const shard = 16;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

function room(options: Partial<DeliverDeps> = {}): Deliver {
  const deliver = startRoom(database.sql, { ...options, limits: { drainMs: 0, ...options.limits } });
  onTestFinished(() => deliver.drain());
  return deliver;
}
async function shop(reply: Reply = ok): Promise<Merchant> {
  const merchant = await startMerchant(reply);
  onTestFinished(() => merchant.close());
  return merchant;
}
async function endpointOf(merchant: Merchant, options: EndpointOptions = {}) {
  return await makeEndpoint(database.sql, await makeMerchant(database.sql, shard), { url: merchant.url, ...options });
}
const events = (merchantId: string, count: number) => Array.from({ length: count }, () => makeEvent(merchantId));
const delivered = (rows: { state: string }[]) => rows.every(row => row.state === "delivered");

test("an endpoint that hangs on every call holds up no other, not even at the same server", async () => {
  const { sql } = database;
  const merchant = await shop((request, response) => {
    if (request.path === "/well") response.end();
  });
  const origin = new URL(merchant.url).origin;
  const dead = await endpointOf(merchant, { url: `${origin}/dead` });
  const well = await endpointOf(merchant, { url: `${origin}/well` });
  const deliver = room();
  await tell(sql, deliver, events(dead.merchantId, 500));
  await merchant.until(4);
  await tell(sql, deliver, events(well.merchantId, 500));
  await settled(sql, well.id, delivered);
  const hanging = merchant.received.filter(r => r.path === "/dead").length;
  expect(hanging).toBeGreaterThan(0);
  expect(hanging).toBeLessThanOrEqual(64);
  expect((await deliveriesOf(sql, dead.id)).every(row => row.state === "pending" && row.attempts === 0)).toBe(true);
});

test("however many endpoints hang, those that deliver have room", async () => {
  const { sql } = database;
  const [dead, well] = [await shop(hang), await shop()];
  const limits = { inFlightMax: 40, unprovenInFlightMax: 20 };
  const deliver = room({ limits });
  const good = await endpointOf(well);
  await tell(sql, deliver, events(good.merchantId, 1));
  await settled(sql, good.id, delivered);
  for (let at = 0; at < 10; at += 1) {
    const bad = await endpointOf(dead);
    await tell(sql, deliver, events(bad.merchantId, 20));
  }
  await dead.until(20);
  await tell(sql, deliver, events(good.merchantId, 200));
  await settled(sql, good.id, delivered);
  expect(dead.received).toHaveLength(20);
});

test("regression-017: an endpoint that delivered well and then hangs takes no connection from another at its server", async () => {
  const { sql } = database;
  let slowCalls = 0;
  const merchant = await shop((request, response) => {
    if (request.path === "/well") response.end();
    else if (slowCalls++ < 300) response.end();
  });
  const origin = new URL(merchant.url).origin;
  const slow = await endpointOf(merchant, { url: `${origin}/slow` });
  const well = await endpointOf(merchant, { url: `${origin}/well` });
  const deliver = room({ egress: testEgress({ limits: { connectionsPerOriginMax: 48 } }) });
  await tell(sql, deliver, events(slow.merchantId, 500));
  // Its window is wide open: it has all the connections there are to the server.
  await merchant.until(348);
  await tell(sql, deliver, events(well.merchantId, 200));
  await settled(sql, well.id, delivered);
  expect(slowCalls).toBe(348);
});

test("regression-018: endpoints that delivered well and then hang together leave room for others", async () => {
  const { sql } = database;
  let isHanging = false;
  const dead = await shop((_request, response) => {
    if (!isHanging) response.end();
  });
  const well = await shop();
  const limits = { inFlightMax: 64, endpointInFlightMax: 16 };
  const deliver = room({ limits });
  const bad = await Promise.all(Array.from({ length: 12 }, () => endpointOf(dead)));
  for (const each of bad) {
    await tell(sql, deliver, events(each.merchantId, 40));
    await settled(sql, each.id, delivered);
  }
  isHanging = true;
  const before = dead.received.length;
  for (const each of bad) await tell(sql, deliver, events(each.merchantId, 40));
  await dead.until(before + bad.length);
  const good = await endpointOf(well);
  await tell(sql, deliver, events(good.merchantId, 100));
  await settled(sql, good.id, delivered);
  expect(dead.received.length - before).toBeLessThan(64);
});

test("an endpoint that hangs has its own few attempts, and adds no statement to another's way", async () => {
  const { sql } = database;
  const statements = { claims: 0, all: 0 };
  const counted = new Proxy(sql, {
    apply(target, self, [strings, ...values]: [TemplateStringsArray, ...unknown[]]) {
      statements.all += 1;
      if (strings.join("").includes("for update skip locked")) statements.claims += 1;
      return Reflect.apply(target, self, [strings, ...values]);
    },
  });
  const [hanging, quick] = [await shop(hang), await shop()];
  const [dead, well] = [await endpointOf(hanging), await endpointOf(quick)];
  const deliver = room({ sql: counted });
  const oneByOne = async () => {
    const before = { ...statements };
    for (let n = 0; n < 20; n += 1) {
      await tell(sql, deliver, events(well.merchantId, 1));
      await settled(sql, well.id, delivered);
    }
    return { claims: statements.claims - before.claims, all: statements.all - before.all };
  };
  await oneByOne();
  const alone = await oneByOne();
  await tell(sql, deliver, events(dead.merchantId, 500));
  await hanging.until(4);
  const beside = await oneByOne();
  // A claim, a recording, and letting go what waited for it.
  expect(alone).toEqual({ claims: 20, all: 60 });
  expect(beside).toEqual(alone);
  expect(hanging.received).toHaveLength(4);
});

test("first attempts go before retries", async () => {
  const { sql } = database;
  const merchant = await shop(status(500));
  const target = await endpointOf(merchant);
  const deliver = room();
  await tell(sql, deliver, events(target.merchantId, 6));
  await settled(sql, target.id, rows => rows.every(row => row.attempts === 1));
  await timePasses(sql, target.id);
  const fresh = events(target.merchantId, 6);
  await tell(sql, null, fresh);
  merchant.reply = ok;
  // One at a time, so that the order can be seen.
  const narrow = room({ limits: { endpointInFlightMax: 1 } });
  await deliver.drain();
  await narrow.scan();
  await settled(sql, target.id, delivered);
  const order = merchant.received.slice(6).map(r => fresh.some(event => r.body === event.body));
  expect(order).toEqual([...Array(6).fill(true), ...Array(6).fill(false)]);
});

test("an endpoint's rate limit holds for all workers together", async () => {
  const { sql } = database;
  const merchant = await shop();
  const target = await endpointOf(merchant, { rateLimitPerS: 40 });
  const other = await endpointOf(merchant);
  const [one, two] = [room(), room()];
  const { rows, seconds } = await timed(async () => {
    await tell(sql, null, events(target.merchantId, 60));
    await Promise.all([one.scan(), two.scan()]);
    await tell(sql, one, events(other.merchantId, 60));
    await settled(sql, other.id, delivered);
    return await settled(sql, target.id, delivered);
  });
  expect(rows).toHaveLength(60);
  // Never faster than the limit and its burst of a tenth of a second allow; how much slower is the machine's affair.
  expect(60 / 40 - 0.1).toBeLessThanOrEqual(seconds);
});

async function timed<T>(work: () => Promise<T>): Promise<{ rows: T; seconds: number }> {
  const since = performance.now();
  const rows = await work();
  return { rows, seconds: (performance.now() - since) / 1000 };
}

test("an endpoint that fails everything gets probes, and all of its backlog once it is well", async () => {
  const { sql } = database;
  const merchant = await shop(status(500));
  const target = await endpointOf(merchant);
  const deliver = room();
  await tell(sql, deliver, events(target.merchantId, 300));
  await merchant.until(20);
  // Most were not tried in vain: the breaker keeps them for later.
  expect((await deliveriesOf(sql, target.id)).filter(row => row.attempts === 0).length).toBeGreaterThan(200);
  merchant.reply = ok;
  await settled(sql, target.id, rows => rows.filter(row => row.state === "delivered").length >= 250);
  await timePasses(sql, target.id);
  await deliver.scan();
  await settled(sql, target.id, delivered);
});

test("50,000 that waited out an outage are sent at their limit while fresh ones of others flow", {
  timeout: 60_000,
}, async () => {
  const { sql } = database;
  const [back, well] = [await shop(), await shop()];
  const target = await endpointOf(back, { rateLimitPerS: 400 });
  const other = await endpointOf(well);
  await backlog(target, 50_000);
  const deliver = room({ egress: testEgress({ limits: { connectionsPerOriginMax: 64 } }) });
  const since = performance.now();
  await deliver.scan();
  for (let round = 0; round < 10; round += 1) {
    await back.until(100 * (round + 1));
    await tell(sql, deliver, events(other.merchantId, 20));
    await well.until(20 * (round + 1));
  }
  const sent = back.received.length;
  const seconds = (performance.now() - since) / 1000;
  expect(sent).toBeLessThanOrEqual(400 * (seconds + 0.2) + 1);
  expect(await settled(sql, other.id, delivered)).toHaveLength(200);

  // And without a limit as fast as it goes, each once.
  await sql`update endpoints set rate_limit_per_s = null where id = ${target.id}`;
  deliver.changed(target.id);
  await back.until(10_000);
  expect(new Set(back.received.map(r => r.id)).size).toBe(back.received.length);
});

/** What failed once an hour ago and waits for its retry, made by the server. */
async function backlog(target: { id: string; merchantId: string }, count: number): Promise<void> {
  await database.sql`
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
