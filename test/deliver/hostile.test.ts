import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Deliver, DeliverDeps } from "../../src/deliver/deliver.ts";
import { merchantServer, ok as okAnswer } from "../egress/merchant-server.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type EndpointOptions, makeEndpoint, makeEvent, makeMerchant } from "./fixtures.ts";
import { hang, type Merchant, ok, type Reply, startMerchant, status } from "./merchant.ts";
import { attemptsOf, deliveriesOf, settled, startRoom, tell, testEgress, timePasses, watched } from "./room.ts";

let database: TestDatabase;
let merchant: Merchant;
const shard = 12;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  merchant = await startMerchant();
});
afterEach(() => merchant.close());

function room(options: Partial<DeliverDeps> = {}): Deliver {
  const deliver = startRoom(database.sql, options);
  onTestFinished(() => deliver.drain());
  return deliver;
}

async function endpoint(options: EndpointOptions = {}) {
  return await makeEndpoint(database.sql, await makeMerchant(database.sql, shard), { url: merchant.url, ...options });
}

/** One event to one endpoint, until its first attempt is recorded. */
async function firstAttempt(deliver: Deliver, target: { id: string; merchantId: string }) {
  await tell(database.sql, deliver, [makeEvent(target.merchantId)]);
  const [delivery] = await settled(database.sql, target.id, rows => rows[0]?.attempts === 1);
  const [attempt] = await attemptsOf(database.sql, delivery!.id);
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
])("a merchant that %s is tried again later, and told why", async (_name, reply, error, answered) => {
  merchant.reply = reply;
  const deliver = room({ limits: { attemptMs: 500 } });
  const { delivery, attempt } = await firstAttempt(deliver, await endpoint());
  expect(delivery.state).toBe("pending");
  expect(delivery.due_in_s).toBeGreaterThan(0);
  expect(attempt).toMatchObject({ status: answered, error });
  expect(merchant.received).toHaveLength(1);
});

test("of an answer the first 2 KiB are kept, as text that can be stored", async () => {
  merchant.reply = (_request, response) => response.writeHead(400).end(`\0${"ä".repeat(40_000)}`);
  const { attempt } = await firstAttempt(room(), await endpoint());
  expect(attempt.answer).toBe(`\u{fffd}${"ä".repeat(1023)}\u{fffd}`);
});

test.each<[string, string]>([
  ["the metadata service", "http://169.254.169.254/latest"],
  ["loopback in decimal", "http://2130706434/"],
  ["loopback as a mapped address", "http://[::ffff:127.0.0.2]/"],
  ["a private name", "http://inside.example/"],
])("an endpoint at %s is sent nothing", async (_name, url) => {
  const lookup = async () => ["10.0.0.7"];
  const deliver = room({ egress: testEgress({ lookup }) });
  const { attempt } = await firstAttempt(deliver, await endpoint({ url }));
  expect(attempt.status).toBeNull();
  expect(attempt.error).toMatch(/not public/);
});

test("an endpoint whose certificate nobody known signed is sent nothing", async () => {
  const server = await merchantServer(socket => socket.write(okAnswer()), { tls: true });
  const deliver = room({ egress: testEgress({ lookup: async () => ["127.0.0.1"] }) });
  const { attempt } = await firstAttempt(deliver, await endpoint({ url: server.url }));
  expect(attempt.error).toBe("the server's certificate is not signed by a known authority");
  expect(server.requests).toEqual([]);
});

test.each([429, 503])("Retry-After on a %i is obeyed in seconds and as a date, up to a day", async code => {
  const now = new Date("2026-06-01T10:00:00Z");
  const deliver = room({ now: () => now });
  const waits = [];
  for (const header of ["3600", "Mon, 01 Jun 2026 12:00:00 GMT", "999999", "soon", "1"]) {
    merchant.reply = status(code, { "retry-after": header });
    waits.push(Math.round((await firstAttempt(deliver, await endpoint())).delivery.due_in_s!));
  }
  expect(waits).toEqual([3600, 7200, 86_400, 5, 5]);
});

test("regression-012: jitter makes a Retry-After of a day no longer than a day", async () => {
  const deliver = room({ random: () => 0.999 });
  const waits = [];
  for (const header of ["86400", "9999999999", "3600"]) {
    merchant.reply = status(503, { "retry-after": header });
    waits.push(Math.ceil((await firstAttempt(deliver, await endpoint())).delivery.due_in_s!));
  }
  expect(waits).toEqual([86_400, 86_400, 3960]);
});

test("Retry-After on any other answer changes nothing", async () => {
  merchant.reply = status(500, { "retry-after": "3600" });
  const { delivery } = await firstAttempt(room(), await endpoint());
  expect(Math.round(delivery.due_in_s!)).toBe(5);
});

test("a merchant that fails for ten minutes and is well again gets the event by the default schedule", async () => {
  merchant.reply = status(500);
  const deliver = room();
  const target = await endpoint();
  const waits = [];
  await tell(database.sql, deliver, [makeEvent(target.merchantId)]);
  for (let round = 1; round <= 4; round += 1) {
    const [row] = await settled(database.sql, target.id, rows => rows[0]!.attempts === round);
    waits.push(Math.round(row!.due_in_s!));
    if (waits.reduce((sum, wait) => sum + wait) >= 600) merchant.reply = ok;
    await timePasses(database.sql, target.id);
    await deliver.scan();
  }
  const [row] = await settled(database.sql, target.id, rows => rows[0]!.state === "delivered");
  expect(waits).toEqual([5, 30, 120, 600]);
  expect((await attemptsOf(database.sql, row!.id)).map(a => a.status)).toEqual([500, 500, 500, 500, 200]);
});

test("a merchant that answers 410 is not called again, and the other endpoints are told", async () => {
  const { sql } = database;
  const merchantId = await makeMerchant(sql, shard);
  const dead = await startMerchant(status(410));
  onTestFinished(() => dead.close());
  const gone = await makeEndpoint(sql, merchantId, { url: dead.url, eventTypes: ["payment.*"] });
  const other = await makeEndpoint(sql, merchantId, { url: merchant.url, eventTypes: ["endpoint.disabled"] });
  const deliver = room();
  await tell(sql, deliver, [makeEvent(merchantId)]);
  const [told] = await merchant.until(1);
  expect(JSON.parse(told!.body)).toMatchObject({
    type: "endpoint.disabled",
    data: {
      endpoint_id: `end_${gone.id.replaceAll("-", "")}`,
      url: dead.url,
      reason: "the endpoint answered 410 Gone",
    },
  });
  await settled(sql, gone.id, rows => rows.every(row => row.state === "failed"));
  await tell(sql, deliver, [makeEvent(merchantId), makeEvent(merchantId)]);
  await deliver.scan();
  await deliver.drain();
  expect(dead.received).toHaveLength(1);
  expect((await deliveriesOf(sql, gone.id)).map(row => row.state)).toEqual(["failed", "failed", "failed"]);
  expect(await deliveriesOf(sql, other.id)).toMatchObject([{ state: "delivered" }]);
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

test("five days of nothing but failures disable an endpoint, a single success in between does not", async () => {
  const { sql } = database;
  merchant.reply = status(500);
  const deliver = room();
  const target = await endpoint();
  await firstAttempt(deliver, target);
  const backdate = () =>
    sql`update endpoints set failing_since = failing_since - interval '121 hours', last_failure_at = now() - interval '1 hour'
      where id = ${target.id}`;
  await backdate();
  merchant.reply = ok;
  await timePasses(sql, target.id);
  await deliver.scan();
  await settled(sql, target.id, rows => rows[0]!.state === "delivered");

  merchant.reply = status(500);
  await tell(sql, deliver, [makeEvent(target.merchantId)]);
  await settled(sql, target.id, rows => rows[1]!.attempts === 1);
  expect(await sql`select enabled from endpoints where id = ${target.id}`).toEqual([{ enabled: true }]);
  await backdate();
  await timePasses(sql, target.id);
  await deliver.scan();
  await settled(sql, target.id, rows => rows[1]!.state === "failed");
  expect(await sql`select enabled, disabled_reason from endpoints where id = ${target.id}`).toEqual([
    { enabled: false, disabled_reason: "five days of nothing but failures" },
  ]);
});

test("an endpoint whose secrets cannot be opened says so in its attempts, and is sent nothing", async () => {
  const target = await endpoint();
  await database.sql`update endpoint_secrets set secret = 'v1:old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    where endpoint_id = ${target.id}`;
  const { attempt } = await firstAttempt(room(), target);
  expect(attempt.error).toMatch(/secret key "old" is missing/);
  expect(merchant.received).toEqual([]);
});

test("what was not sent because the program stops is no attempt", async () => {
  merchant.reply = hang;
  const target = await endpoint();
  const seen: string[] = [];
  const egress = watched(testEgress(), (_request, result) => seen.push(result.kind));
  const deliver = startRoom(database.sql, { egress, limits: { drainMs: 50 } });
  await tell(database.sql, deliver, [makeEvent(target.merchantId)]);
  await merchant.until(1);
  await deliver.drain();
  expect(seen).toEqual(["network"]);
  expect(await deliveriesOf(database.sql, target.id)).toMatchObject([{ state: "pending", attempts: 0, round: 0 }]);
});
