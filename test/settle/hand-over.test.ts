import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Sql } from "../../src/database/connect.ts";
import { processId } from "../../src/database/lease-ids.ts";
import { endLeases } from "../../src/database/lease-store.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { parseBody } from "../../src/providers/kit/parse-body.ts";
import { inboxDatabase } from "../../src/receive/store/inbox-database-store.ts";
import { createInboxWriter, type InboxWriterDeps } from "../../src/receive/store/inbox-writer.ts";
import { createHandedOver } from "../../src/settle/inbox/handed-over.ts";
import { releaseClaim } from "../../src/settle/inbox/inbox-store.ts";
import { type SettleDueDeps, settleDue, settleLeased } from "../../src/settle/inbox/settle-due.ts";
import { type SettleWorker, startSettleWorker } from "../../src/settle/inbox/worker.ts";
import { record } from "../receive/callback-record.ts";
import { receiptOf, stkPaid } from "../support/bodies.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { connection, merchant, type TestConnection } from "../support/fixtures.ts";
import { settleDeps, transactionsOf } from "../support/settling.ts";
import { silentLog } from "../support/silent-log.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";

const shard = 7;
let database: TestDatabase;
let made: TestConnection;
beforeAll(async () => {
  database = await testDatabase();
  made = await connection(database.sql, await merchant(database.sql, { shard }), { settings: { settle_on: "hint" } });
});
afterAll(() => database.drop());

const running: { drain(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.drain();
});

const noSpool: InboxWriterDeps["spool"] = {
  append: () => Promise.reject(new Error("no spool")),
  drain: async () => 0,
  setAside: async () => {},
  bytes: () => 0,
  close: async () => {},
};

let payments = 0;

/** A paid push of the connection, as it is kept, and its parsed body. */
function paid() {
  payments += 1;
  const text = JSON.stringify(stkPaid(`ws_CO_hand_${payments}`, receiptOf(payments)));
  const { id: connectionId, merchantId } = made;
  const kept = record(`ws_CO_hand_${payments}`, text, { shard, id: newUuid(shard), connectionId, merchantId });
  return { record: kept, parsed: parseBody(kept.body, "application/json", false) };
}

/** A client that notes how each statement begins. */
function noted(sql: Sql): { sql: Sql; claims: () => number } {
  let claims = 0;
  const noting = new Proxy(sql, {
    apply(target, self, given) {
      if (String(given[0]?.[0]).includes("with due as")) claims += 1;
      return Reflect.apply(target, self, given);
    },
  });
  return { sql: noting, claims: () => claims };
}

function depsOf(sql: Sql, onSettled: SettleDueDeps["onSettled"] = () => {}): SettleDueDeps {
  const directory = { byToken: () => ({ kind: "unknown" }) as const, byId: async () => made, forget: () => {} };
  return { ...settleDeps(sql), directory, log: silentLog, onSettled };
}

/** A writer and a worker as one process has them. `untilSettled` resolves once so many callbacks were settled. */
function programOf(
  sql: Sql,
  more: Partial<Parameters<typeof startSettleWorker>[0]> = {},
  write: InboxWriterDeps["database"]["write"] = inboxDatabase(database.sql).write,
) {
  let settled = 0;
  let watcher = () => {};
  const deps = depsOf(sql, (_shard, result) => {
    settled += result.settled.filter(({ lost }) => !lost).length;
    watcher();
  });
  const worker: SettleWorker = startSettleWorker({ ...deps, ...more });
  const writer = createInboxWriter({
    database: { ...inboxDatabase(database.sql), write },
    spool: noSpool,
    log: silentLog,
    onKept: shards => worker.wake(shards),
    handOver: worker.handOver,
    telemetry: silentTelemetry,
  });
  running.push(worker, writer);
  const untilSettled = (count: number) =>
    new Promise<void>(resolve => {
      watcher = () => {
        if (settled >= count) resolve();
      };
      watcher();
    });
  return { worker, writer, untilSettled };
}

type QueueRow = { id: string; isLeased: boolean; isDue: boolean };
const queued = async (ids: string[]): Promise<QueueRow[]> =>
  await database.sql<QueueRow[]>`
    select callback_id as id, lease_id is not null as "isLeased", due_at <= now() as "isDue" from inbox_queue
    where shard = ${shard} and callback_id = any(${ids}::uuid[]) order by callback_id`;

const paymentsOf = async (keys: string[]) =>
  (await transactionsOf(database.sql, made)).filter(t => keys.includes(t.refs.checkout_request_id ?? ""));

test("what a process keeps it settles without a claim", async () => {
  const { sql, claims } = noted(database.sql);
  const { writer, untilSettled } = programOf(sql);
  const callbacks = [paid(), paid(), paid()];
  const kept = await Promise.all(callbacks.map(each => writer.append(each.record, each.parsed)));
  expect(kept).toEqual(["kept", "kept", "kept"]);
  await untilSettled(3);
  expect(claims()).toBe(0);
  expect(await queued(callbacks.map(each => each.record.id))).toEqual([]);
  const statuses = (await paymentsOf(callbacks.map(each => each.record.key))).map(t => t.status);
  expect(statuses).toEqual(["completed", "completed", "completed"]);
});

test("beyond the bound rows are born free, and claims settle them", async () => {
  const { sql, claims } = noted(database.sql);
  const bounds = { callbacksMax: 2, bytesMax: 1024 * 1024, shardCallbacksMax: 2 };
  const { writer, untilSettled } = programOf(sql, { bounds });
  const callbacks = Array.from({ length: 6 }, paid);
  await Promise.all(callbacks.map(each => writer.append(each.record, each.parsed)));
  await untilSettled(6);
  expect(claims()).toBeGreaterThan(0);
  expect(await paymentsOf(callbacks.map(each => each.record.key))).toHaveLength(6);
});

test("a copy that comes while the first waits in memory is not queued twice", async () => {
  const { writer, untilSettled } = programOf(database.sql);
  const one = paid();
  await writer.append(one.record, one.parsed);
  await writer.append({ ...one.record, id: newUuid(shard) }, one.parsed);
  await untilSettled(1);
  expect(await queued([one.record.id])).toEqual([]);
  expect(await paymentsOf([one.record.key])).toMatchObject([{ status: "completed", sequence: 1 }]);
});

test("a batch whose commit was cut off before its reply is claimed, long before the lease runs out", async () => {
  const real = inboxDatabase(database.sql).write;
  const cut = Object.assign(new Error("cut"), { code: "23514" });
  const { writer, untilSettled } = programOf(database.sql, {}, async (batch, lease) => {
    await real(batch, lease);
    throw cut;
  });
  const one = paid();
  expect(await writer.append(one.record, one.parsed)).toBe("unavailable");
  await untilSettled(1);
  expect(await paymentsOf([one.record.key])).toMatchObject([{ status: "completed" }]);
});

test("regression: a write that was given up and commits after all is claimed, long before the lease runs out", async () => {
  const real = inboxDatabase(database.sql).write;
  const handed = createHandedOver({
    mayTake: () => true,
    onKept: () => {},
    onNotKept: (leaseId, shards) => {
      for (const each of shards) released.push(releaseClaim(database.sql, each, leaseId));
    },
    nowMs: () => performance.now(),
  });
  const released: Promise<void>[] = [];
  const one = paid();
  const lease = handed.lease([one])!;
  let commit = () => {};
  const written = new Promise<void>(resolve => {
    commit = resolve;
  }).then(() => real({ batchId: newUuid(shard), rows: [{ record: one.record, copies: 1 }] }, lease));
  handed.notKept(lease, written);
  await Promise.all(released);
  commit();
  await written;
  await Promise.all(released);
  expect(await queued([one.record.id])).toMatchObject([{ isLeased: false, isDue: true }]);
  await settleDue(depsOf(database.sql), shard);
  expect(await paymentsOf([one.record.key])).toMatchObject([{ status: "completed" }]);
});

/** Keeps callbacks under a lease of this process, as one that is stopped between keeping and settling. */
async function keptAndNotSettled(count: number) {
  const handed = createHandedOver({
    mayTake: () => true,
    onKept: () => {},
    onNotKept: () => {},
    nowMs: () => performance.now(),
  });
  const callbacks = Array.from({ length: count }, paid);
  const lease = handed.lease(callbacks)!;
  const rows = callbacks.map(each => ({ record: each.record, copies: 1 }));
  const { leasedIds } = await inboxDatabase(database.sql).write({ batchId: newUuid(shard), rows }, lease);
  handed.kept(lease, leasedIds);
  return { handed, ids: callbacks.map(each => each.record.id), keys: callbacks.map(each => each.record.key) };
}

test("killed between keep and settle: no other process claims the rows until the leases are ended, then all", async () => {
  const { ids, keys } = await keptAndNotSettled(3);
  expect(await settleDue(depsOf(database.sql), shard)).toBe(false);
  expect(await paymentsOf(keys)).toEqual([]);
  await endLeases(database.sql, processId);
  await settleDue(depsOf(database.sql), shard);
  expect(await paymentsOf(keys)).toHaveLength(3);
  expect(await queued(ids)).toEqual([]);
});

test("frozen past its lease: what it still has in memory changes nothing", async () => {
  const { handed, ids, keys } = await keptAndNotSettled(2);
  await endLeases(database.sql, processId);
  await settleDue(depsOf(database.sql), shard);
  const before = await paymentsOf(keys);
  const lost: boolean[] = [];
  const deps = depsOf(database.sql, (_shard, { settled }) => lost.push(...settled.map(each => each.lost)));
  await settleLeased(deps, shard, handed.take(shard, 10));
  expect(lost).toEqual([true, true]);
  expect(await paymentsOf(keys)).toEqual(before);
  const [row] = await database.sql<{ count: number }[]>`
    select count(*)::int as count from evidence where shard = ${shard} and callback_id = any(${ids}::uuid[])`;
  expect(row!.count).toBe(2);
});

test("a process that stops gives back what it has not begun", async () => {
  const away = new Promise<never>(() => {});
  const directory = { byToken: () => ({ kind: "unknown" }) as const, byId: () => away, forget: () => {} };
  const { worker, writer } = programOf(database.sql, { directory });
  const first = paid();
  await writer.append(first.record, first.parsed);
  await new Promise(resolve => setImmediate(resolve));
  const second = paid();
  await writer.append(second.record, second.parsed);
  void worker.drain();
  await expect.poll(() => queued([second.record.id])).toMatchObject([{ isLeased: false, isDue: true }]);
  running.splice(0);
  await database.sql`delete from inbox_queue where shard = ${shard}`;
});
