import { expect, test } from "vitest";
import type { Deliver } from "../../src/deliver/deliver.ts";
import { merchantServer, ok as okAnswer } from "../egress/merchant-server.ts";
import { deliverBundle, observedEgress, testEgress } from "./deliver-bundle.ts";
import { makeEndpoint, makeEvent, makeMerchant, type TestEndpoint } from "./fixtures.ts";
import { hang, ok, type Reply, status } from "./merchant.ts";

const shard = 12;
const bundle = deliverBundle(shard);
const { start, publish, deliveries, deliveriesUntil, attempts, makeRetriesDue } = bundle;

/** Publishes one event to one endpoint and waits until the first attempt is recorded. */
async function firstAttempt({ endpoint, deliver }: { endpoint: TestEndpoint; deliver: Deliver }) {
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  const [delivery] = await deliveriesUntil(endpoint, rows => rows[0]?.attempts === 1);
  const [attempt] = await attempts(delivery!);
  return { delivery: delivery!, attempt: attempt! };
}

const drip: Reply = (_request, response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write("."), 20);
  response.on("close", () => clearInterval(timer));
};
const flood: Reply = (_request, response) => {
  response.writeHead(500);
  const more = () => {
    while (response.write("n".repeat(65_536)));
  };
  response.on("drain", more);
  more();
};
const reset: Reply = (_request, _response, raw) => raw.socket.resetAndDestroy();

test.each<[string, Reply, string, number | null]>([
  ["hangs", hang, "there was no answer in time", null],
  ["drips its answer", drip, "the answer did not end in time", 200],
  ["resets the connection", reset, "the server broke the connection", null],
  ["answers without end", flood, "the server answered 500", 500],
  ["answers 404", status(404), "the server answered 404", 404],
  [
    "redirects to the metadata service",
    status(302, { location: "http://169.254.169.254/latest/meta-data" }),
    "the server answered 302: redirects are not followed",
    302,
  ],
])("a merchant that %s is tried again later, and the attempt says why", async (_name, reply, error, answered) => {
  const started = await start({ reply, worker: { limits: { attemptMs: 500 } } });
  const { delivery, attempt } = await firstAttempt(started);
  expect(delivery.state).toBe("pending");
  expect(delivery.due_in_s).toBeGreaterThan(0);
  expect(attempt).toMatchObject({ status: answered, error });
  expect(started.merchant.received).toHaveLength(1);
});

test("the first 2 KiB of an answer are stored, as text that PostgreSQL accepts", async () => {
  const reply: Reply = (_request, response) => response.writeHead(400).end(`\0${"ä".repeat(40_000)}`);
  const { attempt } = await firstAttempt(await start({ reply }));
  expect(attempt.answer).toBe(`\u{fffd}${"ä".repeat(1023)}\u{fffd}`);
});

test.each<[string, string]>([
  ["the metadata service", "http://169.254.169.254/latest"],
  ["loopback in decimal", "http://2130706434/"],
  ["loopback as a mapped address", "http://[::ffff:127.0.0.2]/"],
  ["a private name", "http://inside.example/"],
])("nothing is sent to an endpoint at %s", async (_name, url) => {
  const egress = testEgress({ lookup: async () => ["10.0.0.7"] });
  const { attempt } = await firstAttempt(await start({ endpoint: { url }, worker: { egress } }));
  expect(attempt.status).toBeNull();
  expect(attempt.error).toMatch(/not public/);
});

test("nothing is sent to an endpoint with a certificate of an unknown authority", async () => {
  const server = await merchantServer(socket => socket.write(okAnswer()), { tls: true });
  const egress = testEgress({ lookup: async () => ["127.0.0.1"] });
  const { attempt } = await firstAttempt(await start({ endpoint: { url: server.url }, worker: { egress } }));
  expect(attempt.error).toBe("the server's certificate is not signed by a known authority");
  expect(server.requests).toEqual([]);
});

test.each([429, 503])("Retry-After on a %i is obeyed in seconds and as a date, up to a day", async code => {
  const now = new Date("2026-06-01T10:00:00Z");
  const deliver = bundle.startWorker({ now: () => now });
  const waits = [];
  for (const header of ["3600", "Mon, 01 Jun 2026 12:00:00 GMT", "999999", "soon", "1"]) {
    const merchant = await bundle.startMerchant(status(code, { "retry-after": header }));
    const endpoint = await bundle.addEndpoint(merchant);
    waits.push(Math.round((await firstAttempt({ endpoint, deliver })).delivery.due_in_s!));
  }
  expect(waits).toEqual([3600, 7200, 86_400, 5, 5]);
});

test("regression: jitter makes a Retry-After of a day no longer than a day", async () => {
  const deliver = bundle.startWorker({ random: () => 0.999 });
  const waits = [];
  for (const header of ["86400", "9999999999", "3600"]) {
    const merchant = await bundle.startMerchant(status(503, { "retry-after": header }));
    const endpoint = await bundle.addEndpoint(merchant);
    waits.push(Math.ceil((await firstAttempt({ endpoint, deliver })).delivery.due_in_s!));
  }
  expect(waits).toEqual([86_400, 86_400, 3960]);
});

test("Retry-After on any other answer is ignored", async () => {
  const { delivery } = await firstAttempt(await start({ reply: status(500, { "retry-after": "3600" }) }));
  expect(Math.round(delivery.due_in_s!)).toBe(5);
});

test("a merchant that fails for ten minutes and then recovers gets the event by the default schedule", async () => {
  const { merchant, endpoint, deliver } = await start({ reply: status(500) });
  const waits = [];
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  for (let round = 1; round <= 4; round += 1) {
    const [row] = await deliveriesUntil(endpoint, rows => rows[0]!.attempts === round);
    waits.push(Math.round(row!.due_in_s!));
    if (waits.reduce((sum, wait) => sum + wait) >= 600) merchant.reply = ok;
    await makeRetriesDue(endpoint);
    await deliver.scan();
  }
  const [row] = await deliveriesUntil(endpoint, rows => rows[0]!.state === "delivered");
  expect(waits).toEqual([5, 30, 120, 600]);
  expect((await attempts(row!)).map(a => a.status)).toEqual([500, 500, 500, 500, 200]);
});

test("a merchant that answers 410 is not called again, and its other endpoints get an event about it", async () => {
  const { sql } = bundle;
  const merchantId = await makeMerchant(sql, shard);
  const [merchant, dead] = [await bundle.startMerchant(), await bundle.startMerchant(status(410))];
  const gone = await makeEndpoint(sql, merchantId, { url: dead.url, eventTypes: ["payment.*"] });
  const other = await makeEndpoint(sql, merchantId, { url: merchant.url, eventTypes: ["endpoint.disabled"] });
  const deliver = bundle.startWorker();
  await publish(deliver, [makeEvent(merchantId)]);
  const [received] = await merchant.until(1);
  expect(JSON.parse(received!.body)).toMatchObject({
    type: "endpoint.disabled",
    data: {
      endpoint_id: `end_${gone.id.replaceAll("-", "")}`,
      url: dead.url,
      reason: "the endpoint answered 410 Gone",
    },
  });
  await deliveriesUntil(gone, rows => rows.every(row => row.state === "failed"));
  await publish(deliver, [makeEvent(merchantId), makeEvent(merchantId)]);
  await deliver.scan();
  await deliver.drain();
  expect(dead.received).toHaveLength(1);
  expect((await deliveries(gone)).map(row => row.state)).toEqual(["failed", "failed", "failed"]);
  expect(await deliveries(other)).toMatchObject([{ state: "delivered" }]);
  const [row] = await sql`
    select e.enabled, e.disabled_reason, a.action, a.actor from endpoints e
    join audit a on a.shard = e.shard and a.merchant_id = e.merchant_id where e.id = ${gone.id}`;
  expect(row).toEqual({
    enabled: false,
    disabled_reason: "the endpoint answered 410 Gone",
    action: "endpoint.disabled",
    actor: "hakika",
  });
});

test("an endpoint is disabled after five days of failures, and not where one success is among them", async () => {
  const { sql } = bundle;
  const { merchant, endpoint, deliver } = await start({ reply: status(500) });
  await firstAttempt({ endpoint, deliver });
  const backdate = () =>
    sql`update endpoints set failing_since = failing_since - interval '121 hours', last_failure_at = now() - interval '1 hour'
      where id = ${endpoint.id}`;
  await backdate();
  merchant.reply = ok;
  await makeRetriesDue(endpoint);
  await deliver.scan();
  await deliveriesUntil(endpoint, rows => rows[0]!.state === "delivered");

  merchant.reply = status(500);
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  await deliveriesUntil(endpoint, rows => rows[1]!.attempts === 1);
  expect(await sql`select enabled from endpoints where id = ${endpoint.id}`).toEqual([{ enabled: true }]);
  await backdate();
  await makeRetriesDue(endpoint);
  await deliver.scan();
  await deliveriesUntil(endpoint, rows => rows[1]!.state === "failed");
  expect(await sql`select enabled, disabled_reason from endpoints where id = ${endpoint.id}`).toEqual([
    { enabled: false, disabled_reason: "five days of nothing but failures" },
  ]);
});

test("nothing is sent to an endpoint whose secrets cannot be opened, and its attempts say why", async () => {
  const { merchant, endpoint, deliver } = await start();
  await bundle.sql`update endpoint_secrets set secret = 'v1:old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    where endpoint_id = ${endpoint.id}`;
  const { attempt } = await firstAttempt({ endpoint, deliver });
  expect(attempt.error).toMatch(/secret key "old" is missing/);
  expect(merchant.received).toEqual([]);
});

test("a request that ends because the program stops does not count as an attempt", async () => {
  const results: string[] = [];
  const egress = observedEgress(testEgress(), (_request, result) => results.push(result.kind));
  const worker = { egress, limits: { drainMs: 50 } };
  const { merchant, endpoint, deliver } = await start({ reply: hang, worker });
  await publish(deliver, [makeEvent(endpoint.merchantId)]);
  await merchant.until(1);
  await deliver.drain();
  expect(results).toEqual(["network"]);
  expect(await deliveries(endpoint)).toMatchObject([{ state: "pending", attempts: 0, round: 0 }]);
});
