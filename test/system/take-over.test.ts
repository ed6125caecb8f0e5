import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { receiptOf, stkPaid } from "../support/bodies.ts";
import { type ChildProgram, startChild } from "../support/child-program.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, newConnection, request } from "../support/hakika.ts";

const callbacks = 1_500;

let database: TestDatabase;
const after: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  database = await testDatabase();
  after.push(() => database.drop());
});
afterEach(async () => {
  for (const undo of after.splice(0).reverse()) await undo();
});

async function start(env: Record<string, string>): Promise<ChildProgram> {
  const program = await startChild(database.url, env);
  after.push(() => program.end("SIGKILL"));
  return program;
}

/** A merchant that answers up to `answersMax` requests and leaves the others waiting; `told` are payments it answered. */
async function silentMerchant() {
  const merchant = { url: "", answersMax: 200, waiting: 0, told: new Set<string>() };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (merchant.told.size >= merchant.answersMax) {
      merchant.waiting += 1;
      return;
    }
    const { data } = JSON.parse(Buffer.concat(chunks).toString());
    merchant.told.add(data.transaction.provider_refs.checkout_request_id);
    response.end();
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  merchant.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  after.push(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return merchant;
}

/** Rows of the queues that are leased now, and whether the first of these leases has run out by itself. */
async function leased(): Promise<{ count: number; until: Date | null }> {
  const [row] = await database.sql<{ count: number; until: Date | null }[]>`
    select count(*)::int as count, min(due_at) as until from (
      select due_at from delivery_queue where lease_id is not null and due_at > now()
      union all select due_at from inbox_queue where lease_id is not null and due_at > now()) as leases`;
  return row!;
}

async function keepAll(url: string): Promise<string[]> {
  const ids = Array.from({ length: callbacks }, (_, n) => `ws_CO_kept_${n}`);
  for (let at = 0; at < ids.length; at += 50) {
    const answers = await Promise.all(
      ids.slice(at, at + 50).map((id, n) => request("POST", url, stkPaid(id, receiptOf(at + n)))),
    );
    expect(answers.every(answer => answer.status === 200)).toBe(true);
  }
  return ids;
}

async function openSilentShop(program: ChildProgram) {
  const merchant = await silentMerchant();
  const { id } = await api(program, "POST", "/v1/merchants", { name: "Duka" });
  const connection = await newConnection(program, id, {
    environment: "production",
    settings: { settle_on: "hint" },
  });
  await api(program, "POST", "/v1/endpoints", { merchant_id: id, url: merchant.url });
  return { merchant, path: new URL(connection.callback_urls.stk!).pathname };
}

test("regression: the work of a killed process is told by its successor long before its leases run out", {
  timeout: 90_000,
}, async () => {
  const env = { HAKIKA_DATA_DIR: newDataFolder() };
  const program = await start(env);
  const { merchant, path } = await openSilentShop(program);
  const kept = await keepAll(program.url + path);
  await expect.poll(() => merchant.waiting, { timeout: 20_000 }).toBeGreaterThan(10);
  await program.end("SIGKILL");
  const left = await leased();
  expect(left.count).toBeGreaterThan(0);
  merchant.answersMax = Number.POSITIVE_INFINITY;
  await start(env);
  await expect.poll(() => merchant.told.size, { timeout: 60_000 }).toBe(callbacks);
  expect([...merchant.told].sort()).toEqual(kept.sort());
  const [row] = await database.sql<{ now: Date }[]>`select now()`;
  expect(row!.now.getTime()).toBeLessThan(left.until!.getTime());
});

test("of two processes, the one that lives goes on with the work of the other", { timeout: 90_000 }, async () => {
  const first = await start({ HAKIKA_DATA_DIR: newDataFolder() });
  const { merchant, path } = await openSilentShop(first);
  await keepAll(first.url + path);
  await expect.poll(() => merchant.waiting, { timeout: 20_000 }).toBeGreaterThan(10);
  const second = await start({ HAKIKA_DATA_DIR: newDataFolder() });
  await first.end("SIGKILL");
  const left = await leased();
  merchant.answersMax = Number.POSITIVE_INFINITY;
  await expect.poll(() => merchant.told.size, { timeout: 60_000 }).toBe(callbacks);
  expect(second.output()).toContain("its work is taken over");
  const [row] = await database.sql<{ now: Date }[]>`select now()`;
  expect(row!.now.getTime()).toBeLessThan(left.until!.getTime());
});
