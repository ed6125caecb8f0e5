import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, startTestHakika, testEnvironment } from "../support/hakika.ts";
import { type EventMerchant, eventMerchant } from "../support/merchant.ts";
import { binary, runHakika } from "./run-hakika.ts";

let database: TestDatabase;
let running: Awaited<ReturnType<typeof startTestHakika>>;
let local: EventMerchant;
beforeAll(async () => {
  database = await testDatabase();
  running = await startTestHakika(database.url);
  local = await eventMerchant();
});
afterAll(async () => {
  await local?.close();
  await running?.stop();
  await database?.drop();
});

test("events reach a local server signed, without an endpoint, until Ctrl-C", async () => {
  const { id: merchant_id } = await api(running, "POST", "/v1/merchants", { name: "Duka" });
  const { id: other } = await api(running, "POST", "/v1/merchants", { name: "Other" });
  const endpoint = async (owner: string) =>
    (await api(running, "POST", "/v1/endpoints", { merchant_id: owner, url: "http://127.0.0.1:9/" })).id;
  const own = await endpoint(merchant_id);
  const stranger = await endpoint(other);
  await api(running, "POST", `/v1/endpoints/${own}/test`, {});

  const args = ["listen", "--forward-to", local.url, "--merchant", merchant_id, "--json"];
  const env = testEnvironment(database.url, { PATH: process.env.PATH!, PORT: new URL(running.url).port });
  const child = spawn(process.execPath, [binary, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async () => JSON.parse((await lines.next()).value);
  local.secret = (await line()).secret;
  await api(running, "POST", `/v1/endpoints/${stranger}/test`, {});
  const { event_id } = await api(running, "POST", `/v1/endpoints/${own}/test`, {});
  expect(await line()).toMatchObject({ id: event_id, type: "endpoint.test", status: 200, error: null });
  expect([...local.events.keys()]).toEqual([event_id]);
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([0, null]);

  expect(local.wrongs).toEqual([]);
  expect(local.headers.has("hakika-environment")).toBe(true);
  expect((await api(running, "GET", "/v1/endpoints")).data).toHaveLength(2);
});

test("an address that is none is a mistake of the command line", async () => {
  const { code, err } = await runHakika(["listen", "--forward-to", "localhost:3000"]);
  expect(code).toBe(2);
  expect(err).toContain("Write an address that begins with http://");
});
