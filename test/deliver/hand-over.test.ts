import { expect, test } from "vitest";
import type { Sql } from "../../src/database/connect.ts";
import { processId } from "../../src/database/lease-ids.ts";
import { endLeases } from "../../src/database/lease-store.ts";
import type { Deliver } from "../../src/deliver/deliver.ts";
import { createEndpointCache } from "../../src/deliver/endpoint-cache.ts";
import { limitsByDefault } from "../../src/deliver/limits.ts";
import { newEndpointState } from "../../src/deliver/queue/endpoint-state.ts";
import { createDeliveryHandOver, type HandOverDeps } from "../../src/deliver/queue/hand-over.ts";
import type { Event } from "../../src/domain/events.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { subscribersOf } from "../../src/outbox/fan-out-store.ts";
import { dropOutgoing, handOverOutgoing, type Outgoing, writeOutgoing } from "../../src/outbox/outgoing.ts";
import { allDelivered, deliverBundle } from "./deliver-bundle.ts";
import { box, makeEvent, type TestEndpoint } from "./fixtures.ts";
import { hang, ok, status } from "./merchant.ts";

const shard = 17;
const bundle = deliverBundle(shard);
const { start, startMerchant, addEndpoint, startWorker, publish, deliveriesUntil, makeRetriesDue } = bundle;

/** A client that counts the claims that it sends. */
function counted(): { sql: Sql; claims: () => number } {
  const client = bundle.otherClient();
  let claims = 0;
  const sql = new Proxy(client, {
    apply(target, self, given) {
      if (String(given[0]?.[0]).includes("with request as")) claims += 1;
      return Reflect.apply(target, self, given);
    },
  });
  return { sql, claims: () => claims };
}

const eventOf = (merchantId: string, more: Partial<Event> = {}) =>
  makeEvent(merchantId, { environment: "production", ...more });

/** Commits events with what the worker takes of them under its lease. */
async function write(deliver: Pick<Deliver, "handOver">, events: Event[]): Promise<Outgoing> {
  const sending = (await bundle.sql.begin(async tx => {
    const endpoints = await subscribersOf(tx, shard, [events[0]!.merchantId]);
    const outgoing = writeOutgoing(tx, shard, events, endpoints, deliver.handOver);
    await outgoing.held;
    return { outgoing };
  })) as { outgoing: Outgoing };
  return sending.outgoing;
}

/** Commits events and hands them over, as settling does. Returns how many are held. */
async function handOver(deliver: Deliver, events: Event[]): Promise<number> {
  const outgoing = await write(deliver, events);
  deliver.wake(shard, await handOverOutgoing([outgoing], deliver.handOver));
  return (await outgoing.held).size;
}

/** A hand-over by itself, with a clock that the test sets, and what became of the deliveries. */
function handOverAt(endpoint: TestEndpoint, clock: { ms: number }) {
  const state = newEndpointState(shard, endpoint.id);
  const seen: string[] = [];
  const deps: HandOverDeps = {
    sql: bundle.sql,
    limits: limitsByDefault,
    nowMs: () => clock.ms,
    stateOf: () => state,
    free: () => ({ total: 100, unproven: 100 }),
    lastSeen: () => null,
    endpoints: (at, ids) => createEndpointCache({ sql: bundle.sql, box, cacheMs: 0, nowMs: () => 0 }).get(at, ids),
    send: () => seen.push("sent"),
    freed: () => seen.push("freed"),
    wake: () => seen.push("to claim"),
  };
  return { deliver: { handOver: createDeliveryHandOver(deps) }, state, seen };
}

const dueInS = async (endpoint: TestEndpoint) => (await bundle.deliveries(endpoint)).map(row => row.due_in_s);

test("what a process writes it sends without a claim, and records as any other delivery", async () => {
  const { sql, claims } = counted();
  const { merchant, endpoint, deliver } = await start({ worker: { sql } });
  const event = eventOf(endpoint.merchantId);
  expect(await handOver(deliver, [event])).toBe(1);
  const [received] = await merchant.until(1);
  expect([received!.id, received!.headers["hakika-environment"]]).toEqual([
    `evt_${event.id.replaceAll("-", "")}`,
    "production",
  ]);
  const [delivery] = await deliveriesUntil(endpoint, allDelivered);
  expect(await bundle.attempts(delivery!)).toMatchObject([{ attempt: 1, status: 200, answer: "thanks" }]);
  expect(claims()).toBe(0);
});

test("killed between settle and send: no claim takes the delivery until the leases are ended, then one does", async () => {
  const { merchant, endpoint, deliver } = await start();
  await write(deliver, [eventOf(endpoint.merchantId)]);
  const other = startWorker({ sql: bundle.otherClient() });
  await other.scan();
  expect((await dueInS(endpoint))[0]).toBeGreaterThan(20);
  await endLeases(bundle.sql, processId);
  await other.scan();
  await deliveriesUntil(endpoint, allDelivered);
  expect(merchant.received).toHaveLength(1);
});

test("frozen between settle and send: what woke too late for its lease is not sent, and is to be claimed", async () => {
  const merchant = await startMerchant();
  const endpoint = await addEndpoint(merchant);
  const clock = { ms: 0 };
  const { deliver, state, seen } = handOverAt(endpoint, clock);
  const outgoing = await write(deliver, [eventOf(endpoint.merchantId)]);
  expect([state.inFlight, (await dueInS(endpoint))[0]! > 20]).toEqual([1, true]);
  clock.ms = limitsByDefault.leaseMs - limitsByDefault.attemptMs;
  await handOverOutgoing([outgoing], deliver.handOver);
  await expect.poll(() => seen).toEqual(["freed", "to claim"]);
  expect([state.inFlight, (await dueInS(endpoint))[0]! <= 0]).toEqual([0, true]);
});

test("frozen past its lease, between settle and send: nothing is sent, and the next holder's lease stays", async () => {
  const merchant = await startMerchant();
  const endpoint = await addEndpoint(merchant);
  const clock = { ms: 0 };
  const { deliver, seen } = handOverAt(endpoint, clock);
  const outgoing = await write(deliver, [eventOf(endpoint.merchantId)]);
  const lease = newUuid(shard);
  await bundle.sql`update delivery_queue set lease_id = ${lease} where endpoint_id = ${endpoint.id}`;
  clock.ms = limitsByDefault.leaseMs + 1;
  await handOverOutgoing([outgoing], deliver.handOver);
  await expect.poll(() => seen).toEqual(["freed"]);
  const rows = await bundle.sql`select lease_id from delivery_queue where endpoint_id = ${endpoint.id}`;
  expect(rows).toMatchObject([{ lease_id: lease }]);
});

test("a transaction's events of one commit are sent in order, the second after the record of the first", async () => {
  const { merchant, endpoint, deliver } = await start({ reply: status(500), endpoint: { retryScheduleS: [60] } });
  const transactionId = newUuid(shard);
  const events = [1, 2, 3].map(sequence => eventOf(endpoint.merchantId, { transactionId, sequence }));
  expect(await handOver(deliver, events)).toBe(1);
  await deliveriesUntil(endpoint, ([first]) => first!.attempts === 1);
  await deliver.scan();
  expect(merchant.received).toHaveLength(1);
  merchant.reply = ok;
  await makeRetriesDue(endpoint);
  await deliver.scan();
  await deliveriesUntil(endpoint, allDelivered);
  const ids = [events[0]!, ...events].map(({ id }) => `evt_${id.replaceAll("-", "")}`);
  expect(merchant.received.map(({ id }) => id)).toEqual(ids);
});

test("an event is not handed over while an earlier one of its transaction is queued", async () => {
  const { merchant, endpoint, deliver } = await start();
  const transactionId = newUuid(shard);
  const [first, second] = [1, 2].map(sequence => eventOf(endpoint.merchantId, { transactionId, sequence }));
  await publish(null, [first!]);
  expect(await handOver(deliver, [second!])).toBe(0);
  await deliveriesUntil(endpoint, allDelivered);
  expect(merchant.received.map(({ id }) => id)).toEqual(
    [first!, second!].map(({ id }) => `evt_${id.replaceAll("-", "")}`),
  );
});

test("beyond the endpoint's window rows are born free, and claims send them", async () => {
  const merchant = await startMerchant();
  const endpoint = await addEndpoint(merchant);
  const { sql, claims } = counted();
  const deliver = startWorker({ sql, limits: { endpointInFlightMax: 2 } });
  const events = Array.from({ length: 12 }, () => eventOf(endpoint.merchantId));
  expect(await handOver(deliver, events)).toBe(2);
  await deliveriesUntil(endpoint, allDelivered);
  expect(new Set(merchant.received.map(({ id }) => id)).size).toBe(12);
  expect([merchant.received.length, claims() > 0]).toEqual([12, true]);
});

test("an endpoint with a rate limit is left to the claims", async () => {
  const { merchant, endpoint, deliver } = await start({ endpoint: { rateLimitPerS: 1000 } });
  await handOver(deliver, [eventOf(endpoint.merchantId)]);
  await deliveriesUntil(endpoint, allDelivered);
  expect(await handOver(deliver, [eventOf(endpoint.merchantId)])).toBe(0);
  await deliveriesUntil(endpoint, allDelivered);
  expect(merchant.received).toHaveLength(2);
});

test("an endpoint that hangs gets its window and no more, and others go on", async () => {
  const { endpoint, deliver } = await start({ reply: hang, worker: { limits: { drainMs: 0 } } });
  const quick = await startMerchant();
  const other = await addEndpoint(quick);
  expect(
    await handOver(
      deliver,
      Array.from({ length: 20 }, () => eventOf(endpoint.merchantId)),
    ),
  ).toBe(4);
  expect(await handOver(deliver, [eventOf(other.merchantId)])).toBe(1);
  await deliveriesUntil(other, allDelivered);
  expect(deliver.count().inFlight).toBe(4);
});

test("a commit whose reply was lost is sent by a claim, long before the lease runs out", async () => {
  const { merchant, endpoint, deliver } = await start();
  const outgoing = await write(deliver, [eventOf(endpoint.merchantId)]);
  dropOutgoing([outgoing], deliver.handOver, true);
  await deliveriesUntil(endpoint, allDelivered);
  expect(merchant.received).toHaveLength(1);
});

test("a database transaction that failed leaves the endpoint's window as it was", async () => {
  const { merchant, endpoint, deliver } = await start({ worker: { limits: { endpointInFlightMax: 1 } } });
  const failing = bundle.sql.begin(async tx => {
    const endpoints = await subscribersOf(tx, shard, [endpoint.merchantId]);
    const outgoing = writeOutgoing(tx, shard, [eventOf(endpoint.merchantId)], endpoints, deliver.handOver);
    await outgoing.held;
    dropOutgoing([outgoing], deliver.handOver, false);
    throw new Error("rolled back");
  });
  await expect(failing).rejects.toThrow("rolled back");
  expect(await handOver(deliver, [eventOf(endpoint.merchantId)])).toBe(1);
  await deliveriesUntil(endpoint, allDelivered);
  expect(merchant.received).toHaveLength(1);
});
