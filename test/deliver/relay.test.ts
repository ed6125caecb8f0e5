import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stkPaid } from "../support/bodies.ts";
import { adminKey, api, callbacksOf, type Json, newConnection, request } from "../support/hakika.ts";
import { shopBundle } from "../support/shop-bundle.ts";

const bundle = shopBundle();

/** The handler that was there before: what it got, and what it answers. */
const got: { headers: IncomingHttpHeaders; body: Buffer; url: string }[] = [];
let answers: number[] = [];
const handler = createServer(async (incoming, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  got.push({ headers: incoming.headers, body: Buffer.concat(chunks), url: incoming.url! });
  response.writeHead(answers.shift() ?? 200).end("ok");
});
const url = () => `http://127.0.0.1:${(handler.address() as AddressInfo).port}/mpesa`;

beforeAll(() => new Promise<void>(resolve => handler.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  handler.closeAllConnections();
  handler.close();
});

const call = (method: string, path: string, body?: unknown): Promise<Json> => api(bundle.hakika, method, path, body);
const relaysOf = async (id: string): Promise<Json[]> =>
  (await call("GET", "/v1/deliveries?relay=true")).data.filter((relay: Json) => relay.connection_id === id);

test("a callback goes on untouched, signed with the forward secret, once for all its copies, and again after a failure", async () => {
  const made = await newConnection(bundle.hakika, bundle.shop.merchantId, { settings: { relay: { url: url() } } });
  answers = [503];
  const body = ` ${JSON.stringify(stkPaid("ws_CO_relay", "TJRELAY001"), null, 2)}\n`;
  const send = () => request("POST", made.callback_urls.stk!, body, { "content-type": "text/plain; charset=utf-8" });
  await Promise.all([send(), send(), send()]);
  await expect.poll(() => got.length, { timeout: 10_000 }).toBe(1);
  const [relay] = await relaysOf(made.id);
  expect(relay).toMatchObject({ relay: true, channel: "stk", merchant_id: bundle.shop.merchantId });
  await expect
    .poll(async () => (await call("GET", `/v1/deliveries/${relay.id}`)).attempts, { timeout: 5_000 })
    .toMatchObject([{ attempt: 1, status: 503, error: "the server answered 503" }]);
  const again = await call("POST", `/v1/deliveries/${relay.id}/retry`);
  expect(again).toMatchObject({ id: relay.id, state: "pending" });
  await expect
    .poll(() => call("GET", `/v1/deliveries/${relay.id}`), { timeout: 10_000 })
    .toMatchObject({ state: "delivered", attempt_count: 2, next_attempt_at: null });
  const [callback] = await callbacksOf(bundle.hakika, made.id);
  for (const { headers, body: bytes } of got) {
    expect(bytes.toString()).toBe(body);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(headers["webhook-id"]).toBe(callback.id);
    new Webhook(String(made.forward_secret)).verify(bytes.toString(), headers as Record<string, string>);
  }
  expect(callback.copies).toBe(3);
  expect(await relaysOf(made.id)).toHaveLength(1);
  expect((await call("GET", "/v1/deliveries?relay=true&state=pending")).data).toEqual([]);
});

test("channels that are not named stay here, and what failed verification never goes on", async () => {
  got.length = 0;
  const basic = { username: "provider", password: "a-password-of-sixteen" };
  const made = await newConnection(bundle.hakika, bundle.shop.merchantId, {
    settings: { relay: { url: url(), channels: ["stk"] } },
    verification: { address: { mode: "off", ranges: [] }, basic },
  });
  const good = { authorization: `Basic ${Buffer.from("provider:a-password-of-sixteen").toString("base64")}` };
  const post = (channel: string, n: number, headers: Record<string, string>) =>
    request("POST", made.callback_urls[channel]!, stkPaid(`ws_CO_relay_${n}`, `TJRELAY00${n}`), headers);
  expect((await post("stk", 2, {})).status).toBe(401);
  expect((await post("timeout", 3, good)).status).toBe(200);
  expect((await post("stk", 4, good)).status).toBe(200);
  await expect.poll(() => got.length, { timeout: 10_000 }).toBe(1);
  expect(got[0]!.body.toString()).toContain("ws_CO_relay_4");
  const relays = await relaysOf(made.id);
  expect(relays.map(({ channel }) => channel)).toEqual(["stk"]);
});

test("a relay's URL is checked as every other, and another merchant's relays are not there", async () => {
  const body = { merchant_id: bundle.shop.merchantId, provider: "daraja", environment: "sandbox" };
  const refused = await request(
    "POST",
    `${bundle.hakika.url}/v1/connections`,
    { ...body, settings: { relay: { url: "http://10.0.0.1/x" } } },
    { authorization: `Bearer ${adminKey}` },
  );
  expect([refused.status, refused.json.errors[0].path]).toEqual([422, "settings.relay.url"]);
  const other = await call("POST", "/v1/merchants", { name: "Other" });
  const { key } = await call("POST", `/v1/merchants/${other.id}/api-keys`, { name: "main" });
  const as = (path: string) => request("GET", bundle.hakika.url + path, undefined, { authorization: `Bearer ${key}` });
  expect((await as("/v1/deliveries?relay=true")).json.data).toEqual([]);
  const [relay] = (await call("GET", "/v1/deliveries?relay=true")).data;
  expect((await as(`/v1/deliveries/${relay.id}`)).status).toBe(404);
});

test("regression: a handler that hangs delays the callbacks of no other connection", async () => {
  got.length = 0;
  const held: ServerResponse[] = [];
  const hanging = createServer((_, response) => void held.push(response));
  await new Promise<void>(resolve => hanging.listen(0, "127.0.0.1", resolve));
  const hangs = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}/`;
  const settings = (to: string) => ({ settings: { relay: { url: to } } });
  const { hakika, shop } = bundle;
  const slow = await newConnection(hakika, shop.merchantId, settings(hangs));
  const quick = await newConnection(hakika, shop.merchantId, settings(url()));
  const post = (made: Json, n: number) =>
    request("POST", made.callback_urls.stk, stkPaid(`ws_CO_hang_${n}`, `TJHANG${String(n).padStart(4, "0")}`));
  for (let n = 0; n < 40; n += 1) await post(slow, n);
  await expect.poll(() => held.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(10);
  await post(quick, 99);
  await expect.poll(() => got.length, { timeout: 5_000 }).toBe(1);
  // No attempt of the hanging handler has ended by then, and not all of them are under way.
  expect(held.some(response => response.writableEnded)).toBe(false);
  expect(held.length).toBeLessThan(40);
  hanging.on("request", (_, response) => void response.end());
  for (const response of held) response.end();
  await expect.poll(() => held.length, { timeout: 10_000 }).toBe(40);
  hanging.closeAllConnections();
  hanging.close();
});
