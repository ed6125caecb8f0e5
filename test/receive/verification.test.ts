import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { receiptOf, stkPaid } from "../support/bodies.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, callbacksOf, newConnection, request, startTestHakika, testSecretKey } from "../support/hakika.ts";
import { requestsOf, unlockFor } from "../support/stored-personal.ts";

let database: TestDatabase;
let hakika: Running;
let merchantId: string;

beforeAll(async () => {
  database = await testDatabase();
  const env = { HAKIKA_ROLES: "receiver", HAKIKA_TRUSTED_PROXIES: "127.0.0.0/8" };
  hakika = await startTestHakika(database.url, { env });
  merchantId = (await api(hakika, "POST", "/v1/merchants", { name: "Duka" })).id;
});

afterAll(async () => {
  await hakika.stop();
  await database.drop();
});

const connectionWith = (verification: unknown) => newConnection(hakika, merchantId, { verification });
const body = JSON.stringify(stkPaid("ws_CO_verified", receiptOf(1)));
const post = (to: { callback_urls: Record<string, string> }, headers: Record<string, string>, text = body) =>
  request("POST", to.callback_urls.stk!, text, headers);

const storedHeaders = async (connectionId: string) => {
  const id = uuidOf(connectionId);
  await unlockFor(database.sql, testSecretKey);
  const rows = await database.sql<{ strength: string }[]>`
    select strength from callbacks where connection_id = ${id} order by id`;
  const requests = await requestsOf(database.sql, id);
  return rows.map(({ strength }, at) => ({ headers: requests[at]!.headers, strength }));
};
const uuidOf = (id: string) => id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");

const secret = "a-secret-nobody-may-read";
const basic = `Basic ${Buffer.from(`hakika:${secret}`).toString("base64")}`;
const sha256 = createHmac("sha256", secret).update(body).digest("hex");
const sha512 = createHmac("sha512", secret).update(body).digest("base64");

const ways = [
  ["a header", { header: { name: "X-Secret", value: secret } }, "x-secret", secret, "hint"],
  ["a user and password", { basic: { username: "hakika", password: secret } }, "authorization", basic, "hint"],
  [
    "a SHA-256 signature in hex with a prefix",
    { signature: { header: "X-Signature", algorithm: "sha256", encoding: "hex", prefix: "sha256=", secret } },
    "x-signature",
    `sha256=${sha256.toUpperCase()}`.replace("SHA256=", "sha256="),
    "signed",
  ],
  [
    "a SHA-512 signature in base64",
    { signature: { header: "X-Signature", algorithm: "sha512", encoding: "base64", secret } },
    "x-signature",
    sha512,
    "signed",
  ],
] as const;

test.for(ways)(
  "%s verifies a callback, and its header is stored as [verified]",
  async ([, verification, header, value, strength]) => {
    const connection = await connectionWith(verification);
    expect((await post(connection, { [header]: value, "x-other": "kept" })).status).toBe(200);
    const [stored] = await storedHeaders(connection.id);
    expect(stored).toMatchObject({ strength, headers: { [header]: "[verified]", "x-other": "kept" } });
  },
);

test.for(ways)(
  "without %s a callback is 401, stored in quarantine, and its header never in plain text",
  async ([, verification, header, value]) => {
    const connection = await connectionWith(verification);
    const wrong = [{}, { [header]: "" }, { [header]: `${value}x` }, { [header]: value.slice(0, -1) }];
    for (const headers of wrong) {
      const got = await post(connection, headers as Record<string, string>);
      expect([got.status, got.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
      expect(got.text).not.toContain(secret);
    }
    expect(await callbacksOf(hakika, connection.id)).toMatchObject([
      { state: "quarantined", copies: 4, problems: [{ path: `headers.${header}`, message: expect.any(String) }] },
    ]);
    expect(JSON.stringify(await storedHeaders(connection.id))).not.toContain(value.slice(0, -1));
    // The same bytes, once verified, are another callback.
    expect((await post(connection, { [header]: value })).status).toBe(200);
    expect(await callbacksOf(hakika, connection.id)).toMatchObject([{ state: "pending" }, { state: "quarantined" }]);
  },
);

test("a body changed by one byte breaks its signature", async () => {
  const connection = await connectionWith(ways[2][1]);
  const got = await post(connection, { "x-signature": `sha256=${sha256}` }, body.replace("50", "51"));
  expect(got.status).toBe(401);
});

test("an address that is not listed is 403: the last forwarded one that is no trusted proxy counts", async () => {
  const connection = await connectionWith({ address: { mode: "enforce", ranges: ["196.201.214.0/24"] } });
  const from = async (forwarded?: string) =>
    (await post(connection, forwarded === undefined ? {} : { "x-forwarded-for": forwarded })).status;
  expect(await from()).toBe(403);
  expect(await from("196.201.214.200")).toBe(200);
  // Any client can write the addresses before one that is not trusted.
  expect(await from("196.201.214.200, 8.8.8.8")).toBe(403);
  expect(await from("8.8.8.8, 196.201.214.200, 127.0.0.9")).toBe(200);
  expect(await from("garbage")).toBe(403);
  expect((await callbacksOf(hakika, connection.id)).map(c => c.state).sort()).toEqual(["pending", "quarantined"]);
});

test("an address that is not listed is only logged where the mode is log", async () => {
  const connection = await connectionWith({ address: { mode: "log", ranges: ["196.201.214.0/24"] } });
  expect((await post(connection, {})).status).toBe(200);
});

test("at most 60 unverified callbacks a minute are stored, and each is refused", async () => {
  const connection = await connectionWith(ways[0][1]);
  const sent = Array.from({ length: 100 }, (_, n) => post(connection, {}, JSON.stringify({ n })));
  expect(new Set((await Promise.all(sent)).map(got => got.status))).toEqual(new Set([401]));
  expect(await callbacksOf(hakika, connection.id)).toHaveLength(60);
});

test("regression: a callback without its password gets a 401 that asks for the password", async () => {
  const connection = await connectionWith({ basic: { username: "u", password: "a-password-to-ask-for" } });
  expect((await post(connection, {})).headers.get("www-authenticate")).toMatch(/^Basic /);
});

test("other credentials in headers are not stored", async () => {
  const connection = await connectionWith({});
  await post(connection, { authorization: "Bearer someone's", cookie: "session=1" });
  expect(JSON.stringify(await storedHeaders(connection.id))).not.toMatch(/someone|session=1/);
});
