import { afterAll, beforeAll, expect, test } from "vitest";
import type { Queryable } from "../../src/database/connect.ts";
import { connectHot, type Sql } from "../../src/database/connect.ts";
import { type DeliveryOutcome, recordOutcomes } from "../../src/deliver/attempt/record-store.ts";
import { releaseNext } from "../../src/deliver/attempt/release-store.ts";
import type { ClaimedDelivery } from "../../src/deliver/delivery.ts";
import { claimDue } from "../../src/deliver/queue/claim-store.ts";
import { dueEndpoints } from "../../src/deliver/queue/due-store.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { makeEndpoint, makeMerchant } from "./fixtures.ts";

let database: TestDatabase;
/** A client that prepared everything while the tables were empty. */
let early: Sql;
let dead: string;
let busy: string;
const shard = 14;
const backlog = 100_000;

beforeAll(async () => {
  database = await testDatabase();
  const { sql } = database;
  early = connectHot(database.url, { applicationName: "hakika test early", max: 1, byKey: true });
  // More than five times: by then a plan is for good.
  for (let turn = 0; turn < 8; turn += 1) await cycle(early, newUuid(shard));
  const merchantId = await makeMerchant(sql, shard);
  const ids = [];
  for (let at = 0; at < 3; at += 1) ids.push((await makeEndpoint(sql, merchantId)).id);
  [dead, busy] = ids.sort() as [string, string];
  // Two events of each transaction: half of a dead endpoint's backlog waits for the other half.
  await queue(merchantId, dead, backlog, 2);
  await queue(merchantId, busy, 1000, 1);
  await sql`analyze`;
}, 120_000);
afterAll(async () => {
  await early.end();
  await database.drop();
});

/** Rows as fan-out leaves them, made by the server: an event, a delivery, a place in the queue. */
async function queue(merchantId: string, endpointId: string, rows: number, sequences: number): Promise<void> {
  await database.sql`
    with made as (
      select n, gen_random_uuid() as event_id, gen_random_uuid() as delivery_id from generate_series(0, ${rows - 1}::int) n
    ), keyed as (
      select *, first_value(event_id) over (partition by n / ${sequences}::int order by n) as order_key from made
    ), told as (
      insert into events (shard, id, merchant_id, type, body)
      select ${shard}, event_id, ${merchantId}, 'payment.completed', '{}' from keyed
    ), owed as (
      insert into deliveries (shard, id, merchant_id, endpoint_id, event_id, state)
      select ${shard}, delivery_id, ${merchantId}, ${endpointId}, event_id, 'pending' from keyed
    )
    insert into delivery_queue (shard, endpoint_id, order_key, sequence, delivery_id, due_at)
    select ${shard}, ${endpointId}, order_key, 1 + n % ${sequences}::int, delivery_id, now() - interval '1 hour' from keyed`;
}

/** Claims twenty, records them, lets the next go, looks for what is due; answers how many it recorded. */
async function cycle(sql: Sql, endpointId: string): Promise<number> {
  const leaseId = newUuid(shard);
  const ask = [{ endpointId, capacity: 20, dueWithinMs: null }];
  const { claimed } = await claimDue(sql, shard, ask, { id: leaseId, ms: 30_000 });
  const recorded = await recordOutcomes(sql, shard, delivered(claimed, leaseId));
  await releaseNext(sql, shard, claimed);
  await dueEndpoints(sql, shard, null, 1000);
  return recorded.length;
}

function delivered(claimed: readonly ClaimedDelivery[], leaseId: string): DeliveryOutcome[] {
  const told = { delayMs: 0, startedAt: new Date(), latencyMs: 1, status: 200, error: null, answer: null };
  return claimed.map(place => ({ ...place, ...told, leaseId, kind: "delivered" }));
}

/** Rows that `early` has read of the tables of deliveries, by index or without. */
async function rowsRead(): Promise<number> {
  await early`select pg_stat_force_next_flush()`;
  const [row] = await early<{ rows: number }[]>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_user_tables
    where relname in ('delivery_queue', 'deliveries', 'events', 'delivery_attempts')`;
  return row!.rows;
}

type Node = {
  "Node Type": string;
  "Relation Name"?: string;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: Node[];
};

/** Runs a statement of the room under `explain analyze`; the plan it had. */
async function planOf(run: (sql: Queryable) => Promise<unknown>): Promise<Node> {
  let plan: Node | null = null;
  const explaining = async (template: TemplateStringsArray, ...values: never[]) => {
    const texts = [`explain (analyze, buffers, timing off, format json) ${template[0]}`, ...template.slice(1)];
    const [row] = await database.sql(Object.assign(texts, { raw: texts }) as never, ...values);
    plan = (row as { "QUERY PLAN": [{ Plan: Node }] })["QUERY PLAN"][0].Plan;
    return [];
  };
  await run(explaining as unknown as Queryable).catch(() => {});
  return plan!;
}

function nodes(plan: Node): Node[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}
const blocks = (plan: Node) => plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
const scanned = (plan: Node) =>
  nodes(plan)
    .filter(node => /Seq Scan|Bitmap/.test(node["Node Type"]))
    .map(node => node["Relation Name"])
    .filter(name => name !== "endpoints");

test("a claim touches as many rows as it takes, beside a dead endpoint's 100,000", async () => {
  const asks = [dead, busy].map(endpointId => ({ endpointId, capacity: 10, dueWithinMs: null }));
  const plan = await planOf(sql => claimDue(sql, shard, asks, { id: newUuid(shard), ms: 30_000 }));
  expect(scanned(plan)).toEqual([]);
  expect(blocks(plan)).toBeLessThan(1500);
});

test("plans made while the tables were empty are as good beside 100,000 rows", async () => {
  const before = await rowsRead();
  expect(await cycle(early, busy)).toBe(20);
  expect((await rowsRead()) - before).toBeLessThan(1000);
});

test("what waits for another event is put off, so that no claim walks over it twice", async () => {
  const { sql } = database;
  const ask = [{ endpointId: dead, capacity: 100, dueWithinMs: null }];
  let [claimed, parked] = [0, 0];
  for (let turn = 0; turn < 10; turn += 1) {
    const claim = await claimDue(sql, shard, ask, { id: newUuid(shard), ms: 30_000 });
    claimed += claim.claimed.length;
    parked += claim.parked.get(dead) ?? 0;
  }
  expect(claimed + parked).toBe(1000);
  expect(claimed).toBeGreaterThanOrEqual(500);
});

test("looking for what is due jumps over a backlog", async () => {
  const plan = await planOf(sql => dueEndpoints(sql, shard, null, 1000));
  expect(scanned(plan)).toEqual([]);
  expect(blocks(plan)).toBeLessThan(200);
  const { due } = await dueEndpoints(database.sql, shard, null, 1000);
  expect(due.map(found => found.endpointId)).toEqual([dead, busy]);
});

test("looking for what is due goes on where it stopped", async () => {
  const first = await dueEndpoints(database.sql, shard, null, 1);
  const second = await dueEndpoints(database.sql, shard, first.cursor, 1);
  const third = await dueEndpoints(database.sql, shard, second.cursor, 1);
  expect([first, second].map(found => found.due[0]!.endpointId)).toEqual([dead, busy]);
  expect(third).toEqual({ due: [], cursor: null });
});

test("recording and letting go touch what they are about and nothing else", async () => {
  const { sql } = database;
  const leaseId = newUuid(shard);
  const ask = [{ endpointId: busy, capacity: 50, dueWithinMs: null }];
  const { claimed } = await claimDue(sql, shard, ask, { id: leaseId, ms: 30_000 });
  const outcomes = delivered(claimed, leaseId);
  const record = await planOf(tx => recordOutcomes(tx, shard, outcomes));
  const release = await planOf(tx => releaseNext(tx, shard, claimed));
  expect([...scanned(record), ...scanned(release)]).toEqual([]);
  expect(blocks(record)).toBeLessThan(4000);
  expect(blocks(release)).toBeLessThan(1000);
});
