import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lookAtCauses } from "../../src/alerts/look/look.ts";
import { lookAtCallbackUrl } from "../../src/alerts/look/look-at-callback-url.ts";
import { createSpoolWatch } from "../../src/alerts/look/spool-watch.ts";
import { parseRange } from "../../src/egress/address.ts";
import { createEgress } from "../../src/egress/client.ts";
import { unknownUrl } from "../../src/receive/refusals.ts";
import { recordCallOutcome } from "../../src/reconcile/calls/call-limits-store.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { callbackSays, kes } from "../support/evidence.ts";
import { connection, merchant, type TestMerchant } from "../support/fixtures.ts";
import { evidenceItem, settleDeps } from "../support/settling.ts";

let database: TestDatabase;
let shop: TestMerchant;
const egress = createEgress({ allow: [parseRange("127.0.0.0/8")!], userAgent: "Hakika/test" });
const wake = () => {};

beforeAll(async () => {
  database = await testDatabase();
  shop = await merchant(database.sql);
});
afterAll(async () => {
  await egress.close();
  await database.drop();
});

async function alertsOf(subject: string) {
  const rows = await database.sql<{ kind: string; closed: boolean; openedAt: Date }[]>`
    select kind, closed_at is not null as closed, opened_at as "openedAt" from alerts where subject = ${subject} order by id`;
  return rows.map(({ kind, closed }) => `${kind} ${closed ? "closed" : "open"}`);
}

test("errors in a row pause a connection with an alert, and an answer ends both", async () => {
  const { sql } = database;
  const { shard, id } = await connection(sql, shop);
  for (let n = 0; n < 5; n += 1) await recordCallOutcome(sql, shard, id, { kind: "error" });
  expect(await alertsOf(id)).toEqual(["connection_paused open"]);
  await recordCallOutcome(sql, shard, id, { kind: "answered" });
  expect(await alertsOf(id)).toEqual(["connection_paused closed"]);
});

test("refused credentials open an alert that new credentials close", async () => {
  const { sql } = database;
  const { shard, id } = await connection(sql, shop);
  await recordCallOutcome(sql, shard, id, { kind: "credentials", reason: "400.008.01 Invalid Authentication passed" });
  await recordCallOutcome(sql, shard, id, { kind: "credentials", reason: "again" });
  expect(await alertsOf(id)).toEqual(["credentials_refused open"]);
  await lookAtCauses({ sql, wake }, new Date());
  expect(await alertsOf(id)).toEqual(["credentials_refused open"]);
  await sql`update connections set updated_at = now() where shard = ${shard} and id = ${id}`;
  await lookAtCauses({ sql, wake }, new Date());
  expect(await alertsOf(id)).toEqual(["credentials_refused closed"]);
});

test("a deleted connection closes its alerts", async () => {
  const { sql } = database;
  const { shard, id } = await connection(sql, shop);
  await recordCallOutcome(sql, shard, id, { kind: "throttled", retryAfterS: 600 });
  await sql`update connections set deleted_at = now() where shard = ${shard} and id = ${id}`;
  await lookAtCauses({ sql, wake }, new Date());
  expect(await alertsOf(id)).toEqual(["connection_paused closed"]);
});

test("what hakika simulate plays on raises no alert", async () => {
  const { sql } = database;
  const on = await connection(sql, await merchant(sql, { name: "Simulation" }), { settings: { settle_on: "proof" } });
  const says = callbackSays("completed", { identity: ["checkout_request_id:ws_CO_sim"], amount: kes(5000) });
  await settleBatch(settleDeps(sql), on.shard, [evidenceItem(on, says)]);
  const [row] = await sql`select review is not null as reviewed from transactions where connection_id = ${on.id}`;
  expect(row).toEqual({ reviewed: true });
  await lookAtCauses({ sql, wake }, new Date());
  expect(await alertsOf(on.id)).toEqual([]);
});

test("a public URL that leads elsewhere opens an alert for production connections, and one that leads here closes it", async () => {
  const { sql } = database;
  const production = await connection(sql, shop);
  const sandbox = await connection(sql, shop, { environment: "sandbox" });
  const { server, url, answerWith } = await publicServer();
  const look = () => lookAtCallbackUrl({ sql, wake, egress, publicUrl: url }, new Date());
  answerWith({ status: 200, body: "<h1>Welcome to nginx!</h1>" });
  await look();
  expect(await alertsOf(production.id)).toEqual(["callback_url open"]);
  expect(await alertsOf(sandbox.id)).toEqual([]);
  const { status, body } = unknownUrl().reply;
  answerWith({ status, body: typeof body === "string" ? body : JSON.stringify(body) });
  await look();
  expect(await alertsOf(production.id)).toEqual(["callback_url closed"]);
  await new Promise(resolve => server.close(resolve));
});

async function publicServer() {
  let answer = { status: 200, body: "" };
  const server: Server = createServer((_, response) => response.writeHead(answer.status).end(answer.body));
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    server,
    url,
    answerWith: (next: typeof answer) => {
      answer = next;
    },
  };
}

test("an outage that spooled callbacks is told once the database is back, from its beginning, and closes when all are moved", async () => {
  const { sql } = database;
  const state = { bytes: 0, isDatabaseUnavailable: false };
  let now = new Date("2026-06-01T10:00:00Z");
  const watch = createSpoolWatch({ sql, spool: () => state, host: "box-1", folder: "data", now: () => now });
  await watch.tick();
  Object.assign(state, { bytes: 100, isDatabaseUnavailable: true });
  await watch.tick();
  expect(await alertsOf("box-1 data")).toEqual([]);
  now = new Date("2026-06-01T10:30:00Z");
  Object.assign(state, { bytes: 0, isDatabaseUnavailable: false });
  await watch.tick();
  await watch.tick();
  expect(await alertsOf("box-1 data")).toEqual(["spool closed"]);
  const [row] = await sql<{ opened: Date; closed: Date }[]>`
    select opened_at as opened, closed_at as closed from alerts where kind = 'spool'`;
  expect(row).toEqual({ opened: new Date("2026-06-01T10:00:00Z"), closed: now });
});

test("of two database transactions that open the same alert at once, one does", async () => {
  const { sql } = database;
  const on = await connection(sql, shop, { settings: { settle_on: "proof" } });
  await Promise.all(
    [1, 2, 3, 4].map(n => {
      const says = callbackSays("completed", { identity: [`checkout_request_id:ws_CO_${n}`], amount: kes(5000) });
      return settleBatch(settleDeps(sql), on.shard, [evidenceItem(on, says)]);
    }),
  );
  expect(await alertsOf(on.id)).toEqual(["review open"]);
});
