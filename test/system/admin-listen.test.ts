import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { browser, signedIn } from "../console/browser.ts";
import { spawnChild } from "../support/child-program.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { adminKey, api, request, startTestHakika } from "../support/hakika.ts";

type Running = Awaited<ReturnType<typeof startTestHakika>>;

let database: TestDatabase;
let running: Running;
/** Keys by whose they are. */
const keys: Record<string, string> = { admin: adminKey };
beforeAll(async () => {
  database = await testDatabase();
  running = await startTestHakika(database.url, { env: { HAKIKA_ADMIN_LISTEN: "127.0.0.1:0" } });
  const at = { url: running.adminUrl };
  const { id } = await api(at, "POST", "/v1/merchants", { name: "Duka" });
  keys.merchant = (await api(at, "POST", `/v1/merchants/${id}/api-keys`, { name: "main" })).key;
  for (const role of ["viewer", "support", "admin"]) {
    keys[`operator ${role}`] = (await api(at, "POST", "/v1/operators", { name: role, role })).key;
  }
});
afterAll(async () => {
  await running?.stop();
  await database?.drop();
});

const ask = (base: string, path: string, key?: string) =>
  request("GET", base + path, undefined, key === undefined ? {} : { authorization: `Bearer ${key}` });
const statusOf = async (base: string, path: string, key?: string) => (await ask(base, path, key)).status;

describe("with an address for the admin", () => {
  test.each([
    ["/", 404, 200],
    ["/console/login", 404, 200],
    ["/console/app.css", 404, 200],
    ["/metrics", 404, 200],
    ["/docs", 404, 200],
    ["/openapi.json", 200, 200],
    ["/healthz", 200, 200],
    ["/readyz", 200, 200],
    ["/v1/merchants", 401, 401],
    ["/in/daraja/none/stk", 404, 404],
    ["/unknown", 404, 404],
  ])("%s without a key is %i at the public address and %i at the admin's", async (path, atPublic, atAdmin) => {
    expect(await statusOf(running.url, path)).toBe(atPublic);
    expect(await statusOf(running.adminUrl, path)).toBe(atAdmin);
  });

  test("only merchants' keys are known at the public address, and every key at the admin's", async () => {
    for (const [whose, key] of Object.entries(keys)) {
      const expected = whose === "merchant" ? 200 : 404;
      for (const path of ["/v1/transactions", "/v1/audit", "/v1/merchants"]) {
        expect(await statusOf(running.url, path, key), `${path} by the ${whose}'s key`).toBe(expected);
        expect(await statusOf(running.adminUrl, path, key), `${path} by the ${whose}'s key`).toBe(200);
      }
    }
    expect(await statusOf(running.url, "/v1/merchants", `hk_00${"0".repeat(64)}`)).toBe(401);
    const refused = await request(
      "POST",
      `${running.url}/v1/merchants`,
      { name: "x" },
      { authorization: `Bearer ${adminKey}` },
    );
    expect([refused.status, refused.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
  });

  test("callbacks come in at the public address alone", async () => {
    const at = { url: running.adminUrl };
    const [{ id: merchant_id }] = (await api(at, "GET", "/v1/merchants")).data;
    const body = { merchant_id, provider: "daraja", environment: "sandbox" };
    const { callback_urls } = await api(at, "POST", "/v1/connections", body);
    expect(callback_urls.stk.startsWith(`${running.url}/in/`)).toBe(true);
    expect((await request("POST", callback_urls.stk, {})).status).toBe(200);
    const elsewhere = callback_urls.stk.replace(running.url, running.adminUrl);
    expect((await request("POST", elsewhere, {})).status).toBe(404);
  });

  test("the console works there, and its cookie is for https where the form came by https", async () => {
    const visitor = await signedIn(running.adminUrl, keys["operator support"]!);
    expect(visitor.cookie()).toMatch(/^hakika_session=/);
    expect((await visitor.get("/console/transactions")).text).toContain("support (support)");
    const behindTls = browser(running.adminUrl);
    const headers = { origin: "https://admin.example", "sec-fetch-site": "same-origin" };
    const { set } = await behindTls.send("/console/login", { key: adminKey }, headers);
    expect(set).toMatch(/^__Host-hakika_session=.*; Secure/);
    expect((await behindTls.get("/")).status).toBe(200);
    expect((await behindTls.send("/console/logout", {}, headers)).status).toBe(303);
    expect((await behindTls.get("/")).headers.get("location")).toBe("/console/login");
  });
});

describe("started from the command line", () => {
  const after: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const undo of after.splice(0).reverse()) await undo();
  });

  test("one process and several say both addresses, and keep each to its own", async () => {
    const own = await testDatabase();
    after.push(() => own.drop());
    for (const processes of ["1", "2"]) {
      const env = { HAKIKA_ADMIN_LISTEN: "127.0.0.1:0", HAKIKA_PROCESSES: processes };
      const program = spawnChild(own.url, env);
      after.push(() => program.end("SIGTERM"));
      const adminUrl = await program.said(/Console:\s+(http\S+)\/$/);
      const url = await program.said(/Public:\s+(http\S+)$/);
      expect(url).not.toBe(adminUrl);
      expect(await statusOf(url, "/metrics")).toBe(404);
      expect(await statusOf(url, "/v1/merchants", adminKey)).toBe(404);
      expect(await statusOf(adminUrl, "/v1/merchants", adminKey)).toBe(200);
      const { text } = await ask(adminUrl, "/metrics");
      expect(text.includes('process="receiver 2"')).toBe(processes === "2");
      expect(await program.end("SIGTERM")).toBe(0);
    }
  });
});
