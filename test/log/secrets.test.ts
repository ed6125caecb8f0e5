import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { makeLogger } from "../../src/app/log.ts";
import { africasTalkingCallback } from "../../src/providers/africastalking/simulator/server.ts";
import { codianCallback } from "../../src/providers/codian/simulator/server.ts";
import {
  darajaC2bCallback,
  darajaPayoutCallback,
  darajaStkCallback,
} from "../../src/providers/daraja/simulator/callbacks.ts";
import { kodipayCallback } from "../../src/providers/kodipay/simulator/server.ts";
import { kyandaIpn } from "../../src/providers/kyanda/simulator/server.ts";
import { formCallback, jsonCallback, type SimulatedCallback } from "../../src/simulator/post-callback.ts";
import { signedIn } from "../console/browser.ts";
import { type Program, runProgram } from "../support/program.ts";
import { startCollector } from "../tracing/collector.ts";

/** The last nine digits of every phone of the run, which every notation of the number has. */
const phones: string[] = [];
const secrets: string[] = [];

let log = "";
let metrics = "";
/** Everything that the collector of traces received, without times and random ids, which may have any digits. */
let traces = "";
let madePhones = 0;

function phone(): string {
  madePhones += 1;
  const digits = `2547113400${String(madePhones).padStart(2, "0")}`;
  phones.push(digits.slice(-9));
  return digits;
}

function secret(text: string): string {
  secrets.push(text);
  return text;
}

const at = new Date("2025-10-18T20:30:26.000Z");
const entry = () => ({ outcome: "pending" as const, steps: [], amount: "50", phone: phone(), receipt: "TJIKQ7V33N" });

/** A server that answers 500 with all that it was sent: the worst that a merchant or a provider can do to a log. */
async function echoServer() {
  let served = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", chunk => chunks.push(chunk));
    request.on("end", () => {
      served += 1;
      response.writeHead(500, {
        "content-type": "application/json",
        "x-echo": request.headers.authorization ?? "none",
      });
      response.end(JSON.stringify({ url: request.url, headers: request.headers, body: `${Buffer.concat(chunks)}` }));
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, served: () => served, close: () => new Promise(resolve => server.close(resolve)) };
}

const credentials: Record<string, Record<string, string>> = {
  daraja: { consumer_key: "ck-1f0e9d8c", consumer_secret: "cs-2a3b4c5d", shortcode: "600991", passkey: "pk-3c4d5e6f" },
  codian: { client_id: "codian-client-77", client_secret: "codian-secret-88" },
  kyanda: { merchant_id: "KYMERCHANT9", api_key: "kyanda-api-key-99", secret: "kyanda-secret-11" },
  africastalking: { username: "atuser-22", api_key: "atsk-api-key-33" },
  kodipay: { client_id: "kodi-client-44", client_secret: "kodi-secret-55" },
};

/** Callbacks of each provider, with the payer's number in the provider's notation. */
const callbacks: Record<string, () => [channel: string, callback: SimulatedCallback][]> = {
  daraja: () => [
    ["stk", darajaStkCallback("ws_CO_1", { ...entry(), outcome: "completed" }, "completed", at)],
    ["c2b/confirmation", darajaC2bCallback({ ...entry(), reference: `0${phone().slice(3)}` }, "600991", at)],
    ["c2b/validation", darajaC2bCallback({ ...entry(), reference: phone() }, "600991", at)],
    ["result", darajaPayoutCallback({ ...entry(), conversationId: "AG_1" }, "completed", at)],
  ],
  codian: () => [["payments", codianCallback("ws_CO_2", entry(), "failed")]],
  kyanda: () => [
    ["ipn", kyandaIpn("KYA1", { ...entry(), phone: `0${phone().slice(3)}` }, "completed")],
    [
      "ussd",
      jsonCallback({ sessionId: "S1", phoneNumber: phone(), networkCode: "63902", serviceCode: "*8#", text: "" }),
    ],
  ],
  africastalking: () => [
    [
      "airtime/status",
      africasTalkingCallback("ATQ1", { ...entry(), value: "KES 50.0000", phone: `+${phone()}` }, "completed"),
    ],
    [
      "airtime/validation",
      jsonCallback({ transactionId: "T1", phoneNumber: `+${phone()}`, amount: 5, currencyCode: "KES" }),
    ],
    ["sms/delivery", formCallback({ id: "ATX1", status: "Success", phoneNumber: `+${phone()}`, networkCode: "63902" })],
    [
      "ussd",
      formCallback({
        sessionId: "S2",
        phoneNumber: `+${phone()}`,
        serviceCode: "*384#",
        text: "",
        networkCode: "63902",
      }),
    ],
  ],
  kodipay: () => [["callbacks", kodipayCallback("20260415A7K9P2XM1140", { ...entry(), currency: "USD" }, "completed")]],
};

async function post(
  url: string,
  { contentType, body }: SimulatedCallback,
  headers: Record<string, string> = {},
): Promise<number> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": contentType, ...headers }, body });
  await response.arrayBuffer();
  return response.status;
}

type Connection = { id: string; callback_urls: Record<string, string>; forward_secret: string };

beforeAll(async () => {
  const destination = {
    write(line: string) {
      log += line;
    },
  };
  const echo = await echoServer();
  const collector = await startCollector();
  const program = await runProgram(makeLogger({ level: "trace", destination }), {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  });
  secret(program.adminKey);
  secret(program.secretKey);
  const merchant = await program.newMerchant("Duka");
  secret(merchant.key);
  await endpoints(program, merchant, echo.url);
  for (const provider of Object.keys(credentials)) await provide(program, merchant, provider, echo.url);
  await people(program, merchant);
  await vi.waitFor(
    async () => {
      expect((await program.call("GET", "/v1/callbacks?state=pending")).json.data).toEqual([]);
      expect((await program.call("GET", "/v1/deliveries?state=failed")).json.data).not.toEqual([]);
    },
    { timeout: 20_000 },
  );
  await program.call("POST", "/v1/reconcile", {});
  metrics = await (await fetch(`${program.url}/metrics`)).text();
  expect(echo.served()).toBeGreaterThan(5);
  await program.stop();
  traces = collector.bytes().replace(/"(\w+UnixNano|traceId|spanId|parentSpanId)":"\w+"/g, "");
  await collector.close();
  await echo.close();
});

/** An endpoint that fails at the first attempt for good, with secrets wherever an endpoint may have them. */
async function endpoints(program: Program, merchant: { id: string; key: string }, url: string) {
  const { json } = await program.call("POST", "/v1/endpoints", {
    merchant_id: merchant.id,
    environment: "any",
    url: `${url}/hooks/${secret("path-secret-12ab")}?token=${secret("query-secret-34cd")}`,
    headers: { authorization: `Bearer ${secret("endpoint-bearer-56ef")}`, "x-shop": secret("endpoint-header-78ab") },
    retry_schedule_s: [],
  });
  secret(json.secret);
  secret((await program.call("POST", `/v1/endpoints/${json.id}/rotate-secret`, {}, merchant.key)).json.secret);
  await program.call("POST", `/v1/endpoints/${json.id}/test`, undefined, merchant.key);
  // A port without a server.
  await program.call("POST", "/v1/endpoints", {
    merchant_id: merchant.id,
    environment: "any",
    url: `http://127.0.0.1:1/${secret("closed-secret-90cd")}`,
    retry_schedule_s: [],
  });
}

/** All that one provider's connection can do: good and bad callbacks, guessed tokens, rotations, polls that echo. */
async function provide(program: Program, merchant: { id: string; key: string }, provider: string, echoUrl: string) {
  for (const value of Object.values(credentials[provider]!)) if (value.length > 8) secret(value);
  const forward = {
    mode: "forward",
    url: `${echoUrl}/ask?key=${secret(`forward-${provider}-key`)}`,
    fallback: "accept",
  };
  const { status, json, text } = await program.call("POST", "/v1/connections", {
    merchant_id: merchant.id,
    provider,
    environment: "sandbox",
    base_url: echoUrl,
    credentials: credentials[provider],
    settings: {
      settle_on: "hint",
      ...(provider === "daraja" && { c2b_validation: forward }),
      ...(provider === "africastalking" && { airtime_validation: forward }),
      ...((provider === "kyanda" || provider === "africastalking") && {
        ussd: { ...forward, fallback: "END Try again later." },
      }),
    },
  });
  expect(status, text).toBe(201);
  const connection = json as Connection;
  secret(connection.forward_secret);
  secret(tokenOf(connection));
  for (const [channel, callback] of callbacks[provider]!()) {
    const url = connection.callback_urls[channel]!;
    await post(url, callback, { authorization: `Bearer ${secret(`sent-${provider}-${channel}`)}` });
    await post(url, callback);
    await post(url, { ...callback, body: `{"phone": "${phone()}", ` });
    await post(url, { ...callback, body: JSON.stringify({ PhoneNumber: phone(), msisdn: Number(phone()) }) });
    await post(url.replace(tokenOf(connection), secret(`00guessed-token-of-${provider}-1234`)), callback);
    await fetch(`${url}?phone=${phone()}`);
    await post(`${url}/no/such/${secret(`tail-${provider}-${channel.length}x`)}`, callback);
  }
  await verified(program, connection, provider);
  await rotated(program, connection, merchant.key);
  await questions(program, connection, provider);
}

/** Wrong signatures, passwords and headers, and right ones. */
async function verified(program: Program, connection: Connection, provider: string) {
  const [channel, callback] = callbacks[provider]!()[0]!;
  const url = connection.callback_urls[channel]!;
  const value = secret(`header-value-of-${provider}`);
  const password = secret(`basic-password-of-${provider}`);
  const change = (verification: object) => program.call("PATCH", `/v1/connections/${connection.id}`, { verification });
  const basic = (text: string) => `Basic ${secret(Buffer.from(`user:${text}`).toString("base64"))}`;

  await change({ header: { name: "x-pass", value } });
  for (const given of [value, secret(`wrong-value-of-${provider}`)]) await post(url, callback, { "x-pass": given });
  await change({ header: null, basic: { username: "user", password } });
  for (const given of [password, secret(`wrong-password-of-${provider}`)]) {
    await post(url, callback, { authorization: basic(given) });
  }
  const hmac = { header: "x-sign", algorithm: "sha256", encoding: "hex", secret: secret(`hmac-secret-of-${provider}`) };
  await change({ basic: null, signature: hmac });
  await post(url, callback, { "x-sign": secret("ab".repeat(32)) });
  await change({ signature: null, address: { mode: "enforce", ranges: ["192.0.2.0/24"] } });
  await post(url, callback);
  await change({ address: { mode: "log", ranges: ["192.0.2.0/24"] } });
  await post(url, callback);
}

async function rotated(program: Program, { id }: Connection, key: string) {
  const { json } = await program.call("POST", `/v1/connections/${id}/rotate-token`, { overlap_s: 0 }, key);
  secret(tokenOf(json));
  secret((await program.call("POST", `/v1/connections/${id}/rotate-forward-secret`, {}, key)).json.forward_secret);
  await program.call("POST", `/v1/connections/${id}/register`, {}, key);
}

const questionOf: Record<string, [kind: string, refs: Record<string, string>]> = {
  daraja: ["stk_push", { checkout_request_id: "ws_CO_9" }],
  codian: ["stk_push", { checkout_request_id: "ws_CO_9" }],
  kyanda: ["mobile_payout", { transaction_ref: "KYA9" }],
  africastalking: ["airtime", { request_id: "ATQ9" }],
  kodipay: ["payment", { order_number: "20260415A7K9P2XM1149" }],
};

async function questions(program: Program, { id }: Connection, provider: string) {
  const [kind, provider_refs] = questionOf[provider]!;
  const body = { connection_id: id, kind, provider_refs, amount: "50.00", currency: "KES", phone: `+${phone()}` };
  const { json } = await program.call("POST", "/v1/transactions", body);
  await program.call("POST", `/v1/transactions/${json.id}/poll`);
  await program.call("POST", `/v1/transactions/${json.id}/resolve`, { status: "failed", note: `called ${phone()}` });
}

/** Calls of the API and the console with secrets and phones in the wrong places. */
async function people(program: Program, merchant: { id: string; key: string }) {
  const { call, url } = program;
  await call("GET", `/v1/merchants?key=${merchant.key}`);
  await call("GET", `/v1/${merchant.key}`);
  await call("GET", "/v1/merchants", undefined, secret(`hk_05${"c".repeat(64)}`));
  await call("GET", "/v1/merchants", undefined, secret("no-key-of-mine-at-all"));
  await call("POST", "/v1/transactions", { phone: phone(), amount: phone(), kind: phone() });
  await fetch(`${url}/v1/transactions`, {
    method: "POST",
    headers: { authorization: `Bearer ${merchant.key}`, "content-type": "application/json" },
    body: `{"phone": "${phone()}`,
  });
  const { json } = await call("POST", `/v1/merchants/${merchant.id}/api-keys`, { name: "second" });
  await call("DELETE", `/v1/merchants/${merchant.id}/api-keys/${json.id}`, undefined, secret(json.key));
  const visitor = await signedIn(url, merchant.key);
  secret(visitor.cookie().split("=")[1]!);
  for (const path of ["/", "/console/transactions", `/console/transactions?reference=${phone()}`])
    await visitor.get(path);
  await visitor.send("/console/login", { key: secret("typed-into-the-wrong-field") });
}

function tokenOf({ callback_urls }: Pick<Connection, "callback_urls">): string {
  return new URL(Object.values(callback_urls)[0]!).pathname.split("/")[3]!;
}

afterAll(() => vi.restoreAllMocks());

const lines = () =>
  log
    .trimEnd()
    .split("\n")
    .map(line => JSON.parse(line) as Record<string, unknown>);

it("the whole run leaves no phone number in the log, the metrics or the traces", () => {
  expect(phones.length).toBeGreaterThan(50);
  for (const where of [log, metrics, traces]) for (const digits of phones) expect(found(where, digits)).toBeNull();
});

it("the whole run leaves no key, token, secret or credential in the log, the metrics or the traces", () => {
  expect(secrets.length).toBeGreaterThan(60);
  for (const where of [log, metrics, traces]) for (const text of secrets) expect(found(where, text)).toBeNull();
});

it("every line is an object with a level, a time and a message", () => {
  for (const line of lines())
    expect(line).toMatchObject({ level: expect.any(String), time: expect.any(String), msg: expect.any(String) });
});

it.each([
  ["callbacks kept", { batch_id: expect.any(String), callbacks: expect.any(Number), ms: expect.any(Number) }],
  ["callback kept", { callback_id: expect.stringMatching(/^cbk_/), connection_id: expect.stringMatching(/^con_/) }],
  ["callbacks settled", { shard: expect.any(Number), callbacks: expect.any(Number) }],
  [
    "delivery attempt failed",
    { delivery_id: expect.stringMatching(/^dlv_/), endpoint_id: expect.stringMatching(/^end_/) },
  ],
  ["decision answered", { callback_id: expect.stringMatching(/^cbk_/), by: expect.any(String) }],
  ["reconciliation pass finished", { polled: expect.any(Number) }],
  ["api call", { request_id: expect.any(String), status: expect.any(Number) }],
  ["console: sign in", { outcome: expect.any(String) }],
])("each unit of work has its line with ids: %s", (msg, fields) => {
  expect(lines().find(line => line.msg === msg)).toMatchObject(fields);
});

it.each([
  "POST /in/{provider}/{token}/{channel}",
  "keep callbacks",
  "answer",
  "settle batch",
  "settle callback",
  "create event",
  "POST endpoint",
  "ask daraja",
  "reconcile",
  "GET /v1/merchants",
])("the traces show the work of every room: %s", name => {
  expect(traces).toContain(`"name":"${name}"`);
});

it("the metrics show the work of every room", () => {
  for (const name of [
    'hakika_callbacks_total{provider="daraja",channel="stk",outcome="accepted"}',
    'hakika_callbacks_total{provider="unknown",channel="unknown",outcome="unknown_url"}',
    'hakika_callbacks_total{provider="daraja",channel="stk",outcome="wrong_method"}',
    'hakika_callbacks_total{provider="kodipay",channel="callbacks",outcome="unverified"}',
    'hakika_commit_batch_rows_count{to="database"}',
    "hakika_settle_batch_seconds_count",
    "hakika_poll_seconds_count",
    "hakika_answer_seconds_count",
    "hakika_delivery_attempt_seconds_count",
    'hakika_queue_depth{queue="inbox"}',
    'hakika_queue_oldest_seconds{queue="delivery"}',
    "hakika_callbacks_quarantined",
    "hakika_spool_bytes 0",
    "hakika_workers_alive 1",
    "process_resident_memory_bytes",
  ]) {
    expect(metrics).toContain(name);
  }
});

/** The surroundings of a text in `where`; null where it is absent. */
function found(where: string, text: string): string | null {
  const index = where.indexOf(text);
  return index < 0 ? null : where.slice(Math.max(0, index - 300), index + text.length + 50);
}
