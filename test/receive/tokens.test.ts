import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { receiptOf, stkPaid } from "../support/bodies.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, newConnection, request, startTestHakika } from "../support/hakika.ts";

let database: TestDatabase;
let [here, there]: Running[] = [];
let merchantId: string;

beforeAll(async () => {
  database = await testDatabase();
  const env = { HAKIKA_ROLES: "receiver" };
  [here, there] = await Promise.all([startTestHakika(database.url, { env }), startTestHakika(database.url, { env })]);
  merchantId = (await api(here!, "POST", "/v1/merchants", { name: "Duka" })).id;
});

afterAll(async () => {
  await Promise.all([here!.stop(), there!.stop()]);
  await database.drop();
});

const body = stkPaid("ws_CO_token", receiptOf(1));
const status = async (at: Running, url: string) => (await request("POST", at.url + new URL(url).pathname, body)).status;
const rotate = async (id: string, more: object = {}): Promise<string> =>
  (await api(here!, "POST", `/v1/connections/${id}/rotate-token`, more)).callback_urls.stk;

test("a rotated token works beside the new one, in every process", async () => {
  const { id, callback_urls } = await newConnection(here!, merchantId);
  const next = await rotate(id);
  expect(next).not.toBe(callback_urls.stk);
  for (const url of [callback_urls.stk!, next]) {
    expect([await status(here!, url), await status(there!, url)]).toEqual([200, 200]);
  }
});

test("an older token that is revoked at once is 404 at once, and soon in the other processes too", async () => {
  const { id, callback_urls } = await newConnection(here!, merchantId);
  const old = callback_urls.stk!;
  expect([await status(here!, old), await status(there!, old)]).toEqual([200, 200]);
  const next = await rotate(id, { overlap_s: 0 });
  expect(await status(here!, old)).toBe(404);
  await expect.poll(() => status(there!, old)).toBe(404);
  expect([await status(here!, next), await status(there!, next)]).toEqual([200, 200]);
});

test("an expired token is 404, also while it is cached", async () => {
  const { id, callback_urls } = await newConnection(here!, merchantId);
  await rotate(id, { overlap_s: 1 });
  expect(await status(here!, callback_urls.stk!)).toBe(200);
  await expect.poll(() => status(here!, callback_urls.stk!), { timeout: 10_000 }).toBe(404);
});

test("a deleted connection accepts no callback", async () => {
  const { id, callback_urls } = await newConnection(here!, merchantId);
  expect([await status(here!, callback_urls.stk!), await status(there!, callback_urls.stk!)]).toEqual([200, 200]);
  await request("DELETE", `${here!.url}/v1/connections/${id}`, undefined, {
    authorization: `Bearer ${here!.adminKey}`,
  });
  expect(await status(here!, callback_urls.stk!)).toBe(404);
  await expect.poll(() => status(there!, callback_urls.stk!)).toBe(404);
});

test("a changed verification applies to the next callback", async () => {
  const { id, callback_urls } = await newConnection(here!, merchantId);
  expect(await status(here!, callback_urls.stk!)).toBe(200);
  const verification = { header: { name: "x-secret", value: "a-secret-of-some-length" } };
  const patch = { authorization: `Bearer ${here!.adminKey}`, "content-type": "application/merge-patch+json" };
  const got = await request("PATCH", `${here!.url}/v1/connections/${id}`, JSON.stringify({ verification }), patch);
  expect(got.status).toBe(200);
  expect(await status(here!, callback_urls.stk!)).toBe(401);
});
