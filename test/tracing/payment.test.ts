import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { receiptOf, stkPaid, stkRegistration } from "../support/bodies.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import {
  adminKey,
  api,
  callbacksOf,
  type Json,
  openShop,
  request,
  type Shop,
  startTestHakika,
} from "../support/hakika.ts";
import { type Collector, type SeenSpan, startCollector } from "./collector.ts";

const client = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const [internal, server, outgoing, producer, consumer] = [1, 2, 3, 4, 5];

let database: TestDatabase;
let collector: Collector;
let program: Running;
let shop: Shop;
let transaction: Json;
let callback: Json;
let event: Json;

const of =
  (name: string, attributes: Record<string, unknown> = {}) =>
  (span: SeenSpan) =>
    span.name === name && Object.entries(attributes).every(([key, value]) => span.attributes[key] === value);
const bare = (publicId: string) => publicId.slice(4);

beforeAll(async () => {
  database = await testDatabase();
  collector = await startCollector();
  program = await startTestHakika(database.url, {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: "x-collector-key=for%20the%20collector",
      OTEL_SERVICE_NAME: "hakika-test",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
    },
  });
  shop = await openShop(program);
  const registered = await request(
    "POST",
    `${program.url}/v1/transactions`,
    stkRegistration(shop.connection.id, "ws_CO_1"),
    {
      authorization: `Bearer ${adminKey}`,
      traceparent: `00-${client.traceId}-${client.spanId}-01`,
    },
  );
  transaction = registered.json;
  await request("POST", shop.connection.callback_urls.stk!, stkPaid("ws_CO_1", receiptOf(1)));
  [event] = await shop.merchant.until(events => events.length > 0);
  [callback] = await callbacksOf(program, shop.connection.id);
});
afterAll(async () => {
  await program?.stop();
  await shop?.merchant.close();
  await collector?.close();
  await database?.drop();
});

test("the request of a callback is the root of a trace with the callback's id", async () => {
  const received = await collector.until(of("POST /in/{provider}/{token}/{channel}"));
  expect(received).toMatchObject({
    kind: server,
    traceId: bare(callback.id),
    parentSpanId: null,
    isError: false,
    attributes: {
      "http.request.method": "POST",
      "http.route": "/in/{provider}/{token}/{channel}",
      "http.response.status_code": 200,
      "hakika.provider": "daraja",
      "hakika.channel": "stk",
      "hakika.outcome": "accepted",
      "hakika.connection_id": shop.connection.id,
      "hakika.callback_id": callback.id,
    },
    resource: { "service.name": "hakika-test", "deployment.environment.name": "test" },
  });
  expect(received.endMs).toBeGreaterThan(received.startMs);
});

test("the batch that kept the callback links to it", async () => {
  const kept = await collector.until(of("keep callbacks"));
  expect(kept).toMatchObject({ kind: outgoing, attributes: { "hakika.to": "database", "hakika.callbacks": 1 } });
  expect(kept.links).toEqual([{ traceId: bare(callback.id), attributes: { "hakika.callback_id": callback.id } }]);
});

test("the callback's trace has its settling, with a link to the event that follows", async () => {
  const settled = await collector.until(of("settle callback"));
  expect(settled).toMatchObject({
    kind: consumer,
    traceId: bare(callback.id),
    attributes: {
      "messaging.operation.type": "process",
      "messaging.message.id": callback.id,
      "hakika.transaction_id": transaction.id,
      "hakika.statuses": ["completed"],
    },
    links: [{ traceId: bare(event.id), attributes: { "hakika.event_id": event.id, "hakika.event_type": event.type } }],
  });
  const received = await collector.until(of("POST /in/{provider}/{token}/{channel}"));
  expect(settled.parentSpanId).toBe(received.spanId);
  const batch = await collector.until(
    of("settle batch", { "hakika.transaction_id": transaction.id, "hakika.events": 1 }),
  );
  expect(batch).toMatchObject({ kind: internal, links: [{ traceId: bare(callback.id) }] });
});

test("an event is the root of a trace with its own id, which has every attempt to deliver it", async () => {
  const made = await collector.until(of("create event", { "hakika.event_id": event.id }));
  expect(made).toMatchObject({
    kind: producer,
    traceId: bare(event.id),
    parentSpanId: null,
    attributes: { "hakika.event_type": "payment.completed", "hakika.transaction_id": transaction.id },
    links: [{ traceId: bare(callback.id) }],
  });
  const attempt = await collector.until(of("POST endpoint", { "hakika.event_id": event.id }));
  expect(attempt).toMatchObject({
    kind: outgoing,
    traceId: bare(event.id),
    parentSpanId: made.spanId,
    isError: false,
    attributes: {
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(shop.merchant.url).port),
      "hakika.outcome": "delivered",
      "hakika.transaction_id": transaction.id,
    },
  });
  expect(attempt.attributes["hakika.endpoint_id"]).toMatch(/^end_/);
});

test("a call continues its caller's trace, and names the thing that was answered", async () => {
  const call = await collector.until(of("POST /v1/transactions"));
  expect(call).toMatchObject({
    kind: server,
    traceId: client.traceId,
    parentSpanId: client.spanId,
    attributes: { "http.response.status_code": 201, "hakika.transaction_id": transaction.id },
  });
});

test("a call without a key continues no trace, and merchants get no trace headers", async () => {
  const traceId = "deadbeefdeadbeefdeadbeefdeadbeef";
  const refused = await request("GET", `${program.url}/v1/merchants`, undefined, {
    traceparent: `00-${traceId}-${client.spanId}-01`,
  });
  expect(refused.status).toBe(401);
  const call = await collector.until(of("GET /v1/merchants", { "http.response.status_code": 401 }));
  expect(call).toMatchObject({ parentSpanId: null });
  expect(call.traceId).not.toBe(traceId);
  expect([...shop.merchant.headers].filter(name => /trace|baggage/.test(name))).toEqual([]);
});

test("the configured headers are sent to the collector", async () => {
  await collector.until(() => true);
  expect(collector.bytes()).toContain('"x-collector-key":"for the collector"');
  expect(collector.bytes()).toMatch(/^POST \/v1\/traces /);
});

test("a poll, a pass and a refused request have spans of their own", async () => {
  const { id } = await api(program, "POST", "/v1/transactions", stkRegistration(shop.connection.id, "ws_CO_2"));
  await api(program, "PATCH", `/v1/connections/${shop.connection.id}`, {
    base_url: "http://127.0.0.1:1",
    credentials: { consumer_key: "k", consumer_secret: "s", shortcode: "600991", passkey: "p" },
  });
  await request("POST", `${program.url}/v1/transactions/${id}/poll`, undefined, {
    authorization: `Bearer ${adminKey}`,
  });
  const asked = await collector.until(of("ask daraja"));
  expect(asked).toMatchObject({
    kind: outgoing,
    isError: true,
    attributes: {
      "hakika.provider": "daraja",
      "hakika.kind": "stk_push",
      "hakika.transaction_id": id,
      "hakika.outcome": "unavailable",
      "error.type": "unavailable",
      "server.address": "127.0.0.1",
    },
  });
  await api(program, "POST", "/v1/reconcile", {});
  expect((await collector.until(of("reconcile"))).attributes).toMatchObject({ "hakika.errors": expect.any(Number) });
  await request("POST", `${program.url}/in/daraja/nobody-knows-this-one/stk`, {});
  const unknown = await collector.until(
    of("POST /in/{provider}/{token}/{channel}", { "hakika.outcome": "unknown_url" }),
  );
  expect(unknown.attributes["http.response.status_code"]).toBe(404);
});

test("the answer to a validation is in the trace of its callback", async () => {
  const body = {
    TransID: "TJ00000009",
    TransAmount: "50.00",
    BusinessShortCode: "600991",
    BillRefNumber: "A-1",
    MSISDN: "254711000001",
  };
  await request("POST", shop.connection.callback_urls["c2b/validation"]!, {
    TransactionType: "Pay Bill",
    TransTime: "20251018233026",
    ...body,
  });
  const answer = await collector.until(of("answer"));
  const asked = await collector.until(of("POST /in/{provider}/{token}/{channel}", { "hakika.outcome": "asked" }));
  expect(answer).toMatchObject({
    traceId: asked.traceId,
    parentSpanId: asked.spanId,
    attributes: { "hakika.answered_by": "rule" },
  });
});
