import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { receiptOf, stkPaid } from "../support/bodies.ts";
import { type ChildProgram, spawnChild, startChild } from "../support/child-program.ts";
import { testDatabase } from "../support/database.ts";
import { openShop, request, startTestHakika } from "../support/hakika.ts";
import { onServer } from "../support/template.ts";
import { expectSettledOnce } from "./expect-settled.ts";
import { startLoad } from "./load.ts";

const after: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of after.splice(0).reverse()) await undo();
});

async function newDatabase() {
  const database = await testDatabase();
  after.push(() => database.drop());
  return database;
}

async function newProgram(url: string, env: Record<string, string> = {}): Promise<ChildProgram> {
  const program = await startChild(url, env);
  after.push(() => program.end("SIGKILL"));
  return program;
}

test("SIGTERM under load: answered callbacks are kept, new connections are refused, and the exit code is 0", async () => {
  const database = await newDatabase();
  const program = await newProgram(database.url);
  const shop = await openShop(program, { settings: { settle_on: "hint" } });
  after.push(() => shop.merchant.close());
  const load = startLoad(() => shop.connection.callback_urls.stk!, 8);
  await load.more(200);
  expect(await program.end("SIGTERM")).toBe(0);
  await load.stop();
  expect(load.refused.every(refusal => refusal instanceof Error)).toBe(true);
  expect(program.output()).toContain('"msg":"stopped"');
  // Another process continues its work.
  const next = await newProgram(database.url);
  await expectSettledOnce(database.sql, shop, load.answered);
  expect(await next.end("SIGTERM")).toBe(0);
});

test("a request that is under way when SIGTERM comes is answered", async () => {
  const database = await newDatabase();
  const program = await newProgram(database.url);
  const shop = await openShop(program);
  after.push(() => shop.merchant.close());
  const url = new URL(shop.connection.callback_urls.stk!);
  const body = JSON.stringify(stkPaid("ws_CO_slow", receiptOf(1)));
  const socket = connect(Number(url.port), url.hostname);
  let answer = "";
  socket.on("data", chunk => {
    answer += chunk;
  });
  const closed = new Promise(resolve => socket.on("close", resolve));
  const head = `POST ${url.pathname} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n`;
  socket.write(head);
  await expect.poll(() => answer).toContain("100 Continue");
  const ended = program.end("SIGTERM");
  await expect.poll(() => program.output()).toContain("stopping");
  socket.write(body);
  await closed;
  expect(answer).toMatch(/HTTP\/1\.1 200 /);
  expect(answer).toMatch(/connection: close/i);
  expect(await ended).toBe(0);
});

test("a connection without a request does not delay the stop", async () => {
  const database = await newDatabase();
  const program = await newProgram(database.url);
  const { port, hostname } = new URL(program.url);
  const silent = connect(Number(port), hostname).on("error", () => {});
  await new Promise<void>(resolve => silent.once("connect", () => resolve()));
  const startedMs = performance.now();
  expect(await program.end("SIGTERM")).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});

test("a start without its database waits for it, alive and not ready; SIGTERM ends the wait with 0", async () => {
  const database = await newDatabase();
  const later = new URL(database.url);
  later.pathname += "_later";
  const env = { PORT: String(await freePort()) };
  const at = `http://127.0.0.1:${env.PORT}`;
  const waiting = spawnChild(later.href, env);
  after.push(() => waiting.end("SIGKILL"));
  await waiting.said(/database not reachable yet/);
  expect((await request("GET", `${at}/healthz`)).status).toBe(200);
  expect((await request("GET", `${at}/metrics`)).text).toContain("hakika_build_info");
  for (const path of ["/readyz", "/v1/merchants", "/in/daraja/x/stk"]) {
    const got = await request(path.startsWith("/in") ? "POST" : "GET", at + path);
    expect([path, got.status, got.headers.get("retry-after")]).toEqual([path, 503, "5"]);
  }
  await onServer(database.url, sql => sql`create database ${sql(later.pathname.slice(1))}`);
  after.push(() => onServer(database.url, sql => sql`drop database ${sql(later.pathname.slice(1))} with (force)`));
  await waiting.said(/API:/);
  expect((await request("GET", `${at}/readyz`)).status).toBe(200);
  expect(await waiting.end("SIGTERM")).toBe(0);

  const never = new URL(later);
  never.pathname += "_never";
  const inVain = spawnChild(never.href);
  after.push(() => inVain.end("SIGKILL"));
  await inVain.said(/database not reachable yet/);
  expect(await inVain.end("SIGTERM")).toBe(0);
});

test("a malformed configuration ends the start with exit code 1 and one message that lists every problem", async () => {
  const broken = spawnChild("mysql://nowhere", { PORT: "many", HAKIKA_ADMIN_KEY: "short" });
  await expect(broken.said(/API:/)).rejects.toThrow(/DATABASE_URL[\s\S]*PORT|PORT[\s\S]*DATABASE_URL/);
  expect(broken.output()).toContain("HAKIKA_ADMIN_KEY");
  expect(await broken.end("SIGTERM")).toBe(1);
});

test("a receiver and a worker in two processes together do the work of one", async () => {
  const database = await newDatabase();
  const receiver = await startTestHakika(database.url, { env: { HAKIKA_ROLES: "receiver" } });
  after.push(() => receiver.stop());
  expect((await request("GET", `${receiver.url}/readyz`)).status).toBe(200);
  const shop = await openShop(receiver, { settings: { settle_on: "hint" } });
  after.push(() => shop.merchant.close());
  const stk = shop.connection.callback_urls.stk!;
  // Before a worker is started.
  expect((await request("POST", stk, stkPaid("ws_CO_apart_1", receiptOf(1)))).status).toBe(200);
  const worker = await startTestHakika(database.url, { env: { HAKIKA_ROLES: "worker" } });
  after.push(() => worker.stop());
  expect((await request("POST", stk, stkPaid("ws_CO_apart_2", receiptOf(2)))).status).toBe(200);
  await expectSettledOnce(database.sql, shop, ["ws_CO_apart_1", "ws_CO_apart_2"]);
  for (const path of ["/healthz", "/readyz", "/metrics"]) {
    expect([path, (await request("GET", worker.url + path)).status]).toEqual([path, 200]);
  }
  expect((await request("GET", `${worker.url}/v1/merchants`)).status).toBe(404);
  expect((await request("POST", worker.url + new URL(stk).pathname, {})).status).toBe(404);
});

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}
