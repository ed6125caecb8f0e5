import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stkPaid } from "../../test/support/bodies.ts";
import { type TestDatabase, testDatabase } from "../../test/support/database.ts";
import { adminKey, request, startTestHakika } from "../../test/support/hakika.ts";
import {
  Hakika,
  HakikaConnectionError,
  HakikaError,
  type Transaction,
  WebhookVerificationError,
} from "../src/index.ts";

let database: TestDatabase;
let running: Awaited<ReturnType<typeof startTestHakika>>;
let admin: Hakika;
let hakika: Hakika;
let connection: { id: string; callback_urls: Record<string, string> };
beforeAll(async () => {
  database = await testDatabase();
  running = await startTestHakika(database.url);
  admin = new Hakika({ baseUrl: `${running.url}/`, key: adminKey });
  const { id } = await admin.merchants.create({ name: "Duka" });
  const { key } = await admin.apiKeys.create(id, { name: "shop" });
  hakika = new Hakika({ baseUrl: running.url, key });
  connection = await hakika.connections.create({ provider: "daraja", environment: "sandbox" });
});
afterAll(async () => {
  await running?.stop();
  await database?.drop();
});

const register = (reference: string) =>
  hakika.transactions.create({
    ...{ connection_id: connection.id, kind: "stk_push", provider_refs: { checkout_request_id: `ws_${reference}` } },
    ...{ reference, amount: "50.00", currency: "KES" },
  });

describe("calls", () => {
  test("make, read, list and iterate, with the types of the API", async () => {
    const made: Transaction[] = [];
    for (const reference of ["A-1", "A-2", "A-3"]) made.push(await register(reference));
    const [first] = made;
    const read = await hakika.transactions.get(first!.id);
    expect([read.reference, read.amount, read.timeline[0]?.type]).toEqual(["A-1", "50.00", "registration"]);
    const page = await hakika.transactions.list({ limit: 2 });
    expect([page.data.length, typeof page.next_cursor]).toEqual([2, "string"]);
    const all: string[] = [];
    for await (const { id } of hakika.transactions.list({ limit: 2, status: "pending" })) all.push(id);
    expect(all).toEqual(made.map(({ id }) => id).reverse());
    expect(await hakika.transactions.csv()).toContain("A-2");
    const endpoint = await hakika.endpoints.create({ url: "http://127.0.0.1:9/" });
    expect(await hakika.endpoints.update(endpoint.id, { description: "none" })).toMatchObject({ description: "none" });
    expect(await hakika.endpoints.delete(endpoint.id)).toBeUndefined();
    const statement = await hakika.statements
      .create({ connection_id: connection.id }, { bytes: "a,b\n1,2\n", type: "text/csv" })
      .catch((error: HakikaError) => error.status);
    expect([422, undefined]).toContain(typeof statement === "number" ? statement : undefined);
  });

  test("a refusal has its status, words, fields and the request's id", async () => {
    const refused = await hakika.transactions
      .create({ connection_id: connection.id, kind: "stk_push", amount: "-1", provider_refs: {} })
      .then(
        () => null,
        (error: unknown) => error as HakikaError,
      );
    expect(refused).toBeInstanceOf(HakikaError);
    expect(refused).toMatchObject({ status: 422, requestId: expect.stringMatching(/^req_/) });
    expect(refused!.errors.map(({ path }) => path)).toContain("amount");
    expect(refused!.message).toContain("amount");
    const missing = await hakika.transactions
      .get("txn_0199f3b0c4d17a3e8f0a1b2c3d4e5f60")
      .catch((error: unknown) => error);
    expect(missing).toMatchObject({ status: 404, detail: "There is no such transaction." });
    const stranger = new Hakika({ baseUrl: running.url, key: "hk_no" });
    await expect(stranger.merchants.list()).rejects.toMatchObject({ status: 401 });
    expect(() => hakika.transactions.get("")).toThrow("an id is missing");
  });

  test("events are followed in order", async () => {
    const { id } = await register("F-1");
    const stop = new AbortController();
    const events = hakika.events.follow({ type: "payment.*" }, { signal: stop.signal });
    const next = events.next();
    await request("POST", connection.callback_urls.stk!, stkPaid("ws_F-1", "TJ00000001"));
    const { value } = await next;
    expect(value?.type).toBe("payment.completed");
    if (value?.type === "payment.completed") expect(value.data.transaction.id).toBe(id);
    stop.abort();
  });
});

describe("retries", () => {
  /** Stands before the server: its n-th answer is replaced. */
  async function flaky(answers: (number | null)[]) {
    const keys: (string | undefined)[] = [];
    const server = createServer(async (incoming, outgoing) => {
      const body = Buffer.concat(await incoming.toArray());
      keys.push(incoming.headers["idempotency-key"] as string | undefined);
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).filter(([name]) =>
          ["authorization", "content-type", "idempotency-key"].includes(name),
        ),
      ) as Record<string, string>;
      const answer = await fetch(running.url + incoming.url, {
        method: incoming.method!,
        headers,
        ...(body.length > 0 && { body }),
      });
      const text = await answer.text();
      const status = answers.shift();
      if (status === null) {
        incoming.socket.destroy();
        return;
      }
      outgoing.writeHead(status ?? answer.status, {
        "retry-after": "0",
        "content-type": answer.headers.get("content-type") ?? "",
      });
      outgoing.end(status === undefined ? text : "{}");
    });
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { baseUrl, keys, close: () => server.close() };
  }

  test("what was lost on its way is sent again under one key, and done once", async () => {
    const { baseUrl, keys, close } = await flaky([null, 503]);
    const client = new Hakika({ baseUrl, key: adminKey });
    const merchant = await client.merchants.create({ name: "Once" });
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    const names: string[] = [];
    for await (const { id, name } of admin.merchants.list()) if (name === "Once") names.push(id);
    expect(names).toEqual([merchant.id]);
    await client.merchants.create({ name: "Twice" }, { idempotencyKey: "my-own" });
    expect(keys.at(-1)).toBe("my-own");
    close();
  });

  test("a refusal is final, and so is silence after the last try", async () => {
    const { baseUrl, keys, close } = await flaky([400]);
    await expect(new Hakika({ baseUrl, key: adminKey }).merchants.list()).rejects.toMatchObject({ status: 400 });
    expect(keys).toHaveLength(1);
    close();
    const nowhere = new Hakika({ baseUrl: "http://127.0.0.1:9", key: adminKey, retries: 1 });
    const error = await nowhere.merchants.list().then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(HakikaConnectionError);
    expect(error).toMatchObject({ status: 0, requestId: null });
  });
});

describe("webhooks", () => {
  const secret = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
  const body = JSON.stringify({
    id: "evt_1",
    type: "endpoint.test",
    timestamp: "2026-01-01T00:00:00.000Z",
    data: { note: "€5" },
  });
  const at = new Date();
  const headers = {
    "Webhook-Id": "evt_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": `v1,AAAA ${new Webhook(secret).sign("evt_1", at, body)}`,
  };
  const { webhooks } = new Hakika({ baseUrl: "http://127.0.0.1:9", key: "hk_", webhookSecret: secret });

  test("are taken as text or bytes, with Headers or a plain object, by any of several secrets", () => {
    expect(webhooks.verify(body, headers).type).toBe("endpoint.test");
    expect(webhooks.verify(Buffer.from(body), new Headers(headers)).id).toBe("evt_1");
    const other = `whsec_${Buffer.alloc(32, 6).toString("base64")}`;
    expect(webhooks.verify(body, headers, { secret: [other, secret] }).id).toBe("evt_1");
    expect(() => webhooks.verify(body, headers, { secret: other })).toThrow(WebhookVerificationError);
  });

  test.each([
    ["another body", body.replace("5", "6"), {}],
    ["another id", body, { "Webhook-Id": "evt_2" }],
    ["no signature", body, { "webhook-signature": undefined }],
    ["another version", body, { "webhook-signature": headers["webhook-signature"].replaceAll("v1,", "v2,") }],
    ["no number", body, { "webhook-timestamp": "soon" }],
    ["an old timestamp", body, { "webhook-timestamp": String(Math.floor(at.getTime() / 1000) - 3600) }],
  ])("are refused with %s", (_, text, changed) => {
    const refused = () => webhooks.verify(text, { ...headers, ...changed });
    expect(refused).toThrow(HakikaError);
    expect(refused).toThrow(WebhookVerificationError);
  });
});
