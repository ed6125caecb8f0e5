import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { signWebhook } from "../../src/egress/webhook.ts";
import { root } from "../architecture/sources.ts";
import { stkPaid } from "../support/bodies.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, newConnection, request, startTestHakika } from "../support/hakika.ts";
import { freePort } from "./started.ts";

type Runtime = { version: string[]; start: (folder: string, port: number) => string[] };
const at = (folder: string, file: string) => path.join(folder, file);
const runtimes: Record<string, Runtime> = {
  Node: { version: [process.execPath, "--version"], start: folder => [process.execPath, at(folder, "shop.mjs")] },
  Python: { version: ["python3", "--version"], start: folder => ["python3", at(folder, "shop.py")] },
  PHP: {
    version: ["php", "--version"],
    start: (folder, port) => ["php", "-S", `127.0.0.1:${port}`, at(folder, "shop.php")],
  },
  Go: { version: ["go", "version"], start: folder => ["go", "run", at(folder, "shop.go")] },
  Java: { version: ["java", "--version"], start: folder => ["java", at(folder, "Shop.java")] },
};

let database: TestDatabase;
let running: Awaited<ReturnType<typeof startTestHakika>>;
beforeAll(async () => {
  database = await testDatabase();
  running = await startTestHakika(database.url);
});
afterAll(async () => {
  await running?.stop();
  await database?.drop();
});

const programs: ChildProcess[] = [];
afterEach(() => {
  // The group: `go run` has a child of its own.
  for (const child of programs.splice(0)) process.kill(-child.pid!, "SIGKILL");
});

describe.each(Object.entries(runtimes))("the shop in %s", (name, { version, start }) => {
  const isHere = spawnSync(version[0]!, version.slice(1)).status === 0;
  if (!isHere) console.warn(`LEFT OUT: there is no ${name} here, so its program in docs/examples was not run.`);

  test.skipIf(!isHere)(`registers, verifies, and fulfils by the transaction and its amount (${name})`, async () => {
    const { id: merchant_id } = await api(running, "POST", "/v1/merchants", { name });
    const connection = await newConnection(running, merchant_id);
    const { key } = await api(running, "POST", `/v1/merchants/${merchant_id}/api-keys`, { name: "shop" });
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/hooks`;
    const { secret } = await api(running, "POST", "/v1/endpoints", { merchant_id, url, environment: "any" });
    const shop = openShop(start(path.join(root, "docs/examples"), port), {
      ...{ HAKIKA_URL: running.url, HAKIKA_KEY: key, HAKIKA_CONNECTION: connection.id },
      ...{ WEBHOOK_SECRET: secret, ENVIRONMENT: "sandbox", PORT: String(port) },
    });
    const orders = async () => (await fetch(`http://127.0.0.1:${port}/orders`)).json() as Promise<Orders>;
    await expect.poll(() => orders().catch(() => shop.exitCode), { timeout: 80_000, interval: 100 }).toEqual({});

    const order = async (push: string) => (await request("POST", `http://127.0.0.1:${port}/orders?push=${push}`)).text;
    const paid = await order(`ws_${name}_1`);
    const unpaid = await order(`ws_${name}_2`);
    expect(paid).toMatch(/^txn_[0-9a-f]{32}$/);
    await request(
      "POST",
      connection.callback_urls.stk!,
      stkPaid(`ws_${name}_1`, `TJ${name.toUpperCase().padEnd(8, "0")}`),
    );
    await expect.poll(async () => (await orders())[paid]?.fulfilled, { timeout: 20_000 }).toBe(true);

    const [event] = (await api(running, "GET", `/v1/events?transaction_id=${paid}`)).data;
    const tell = (amount: string, secrets: string[]) => {
      const { transaction, ...data } = event.data;
      const body = JSON.stringify({ ...event, data: { ...data, transaction: { ...transaction, id: unpaid, amount } } });
      const timestampS = Math.floor(Date.now() / 1000);
      return request("POST", url, body, signWebhook({ id: event.id, timestampS, body, secrets }));
    };
    expect((await tell("50.00", [`whsec_${Buffer.alloc(32).toString("base64")}`])).status).toBe(400);
    expect((await tell("5.00", [secret])).status).toBe(204);
    expect((await orders())[unpaid]?.fulfilled).toBe(false);
    expect((await tell("50.00", [secret])).status).toBe(204);
    expect((await orders())[unpaid]?.fulfilled).toBe(true);
  });
});

type Orders = Record<string, { amount: string; fulfilled: boolean }>;

function openShop([command, ...args]: string[], more: Record<string, string>): ChildProcess {
  const folder = newDataFolder();
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, ...more, ORDERS_FILE: path.join(folder, "orders.json") };
  const child = spawn(command!, args, { cwd: folder, env, stdio: "ignore", detached: true });
  programs.push(child);
  return child;
}
