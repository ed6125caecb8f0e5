import { afterAll, beforeAll, expect, test } from "vitest";
import type { Queryable } from "../../src/database/connect.ts";
import { connectHot, type Sql } from "../../src/database/connect.ts";
import { type DeliveryOutcome, recordOutcomes } from "../../src/deliver/attempt/record-store.ts";
import { releaseNext } from "../../src/deliver/attempt/release-store.ts";
import type { ClaimedDelivery } from "../../src/deliver/delivery.ts";
import { claimDue } from "../../src/deliver/queue/claim-store.ts";
import { dueEndpoints } from "../../src/deliver/queue/due-store.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { testVault } from "../support/test-vault.ts";
import { deliverBundle } from "./deliver-bundle.ts";
import { makeEndpoint, makeMerchant } from "./fixtures.ts";

const shard = 14;
const bundle = deliverBundle(shard);
/** A client that prepared its statements while the tables were empty. */
let early: Sql;
let dead: string;
let busy: string;
const backlog = 100_000;

beforeAll(async () => {
  const { sql } = bundle;
  early = connectHot(bundle.url, { applicationName: "hakika test early", max: 1, byKey: true, vault: testVault() });
  // More than five times: PostgreSQL then keeps a generic plan.
  for (let turn = 0; turn < 8; turn += 1) await cycle(early, newUuid(shard));
  const merchantId = await makeMerchant(sql, shard);
  const ids = [];
  for (let at = 0; at < 3; at += 1) ids.push((await makeEndpoint(sql, merchantId)).id);
  [dead, busy] = ids.sort() as [string, string];
  // Two events of each transaction: half of the dead endpoint's backlog waits for the other half.
  await queue(merchantId, dead, backlog, 2);
  await queue(merchantId, busy, 1000, 1);
  await sql`analyze`;
}, 120_000);
afterAll(() => early.end());

/** Inserts rows as fan-out does: events, deliveries, rows of the queue. */
async function queue(merchantId: string, endpointId: string, rows: number, sequences: number): Promise<void> {
  await bundle.sql`
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

/** Claims twenty deliveries, records them, releases the next, and scans. Returns how many were recorded. */
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
  const outcome = { delayMs: 0, startedAt: new Date(), latencyMs: 1, status: 200, error: null, answer: null };
  return claimed.map(delivery => ({ ...delivery, ...outcome, leaseId, kind: "delivered" }));
}

/** Rows of the delivery tables that were read so far, by index or without. */
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

/** Runs a store's statement under `explain analyze`. Returns its plan. */
async function planOf(run: (sql: Queryable) => Promise<unknown>): Promise<Node> {
  let plan: Node | null = null;
  const explaining = async (template: TemplateStringsArray, ...values: never[]) => {
    const texts = [`explain (analyze, buffers, timing off, format json) ${template[0]}`, ...template.slice(1)];
    const [row] = await bundle.sql(Object.assign(texts, { raw: texts }) as never, ...values);
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

test("a claim reads no more rows than it takes, beside the 100,000 of a dead endpoint", async () => {
  const asks = [dead, busy].map(endpointId => ({ endpointId, capacity: 10, dueWithinMs: null }));
  const plan = await planOf(sql => claimDue(sql, shard, asks, { id: newUuid(shard), ms: 30_000 }));
  expect(scanned(plan)).toEqual([]);
  expect(blocks(plan)).toBeLessThan(1500);
});

test("regression: plans made while the tables were empty read as few rows beside 100,000", async () => {
  const before = await rowsRead();
  expect(await cycle(early, busy)).toBe(20);
  expect((await rowsRead()) - before).toBeLessThan(1000);
});

test("an event that waits for another is parked, so that no claim reads it twice", async () => {
  const { sql } = bundle;
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

test("a scan jumps over a backlog", async () => {
  const plan = await planOf(sql => dueEndpoints(sql, shard, null, 1000));
  expect(scanned(plan)).toEqual([]);
  expect(blocks(plan)).toBeLessThan(200);
  const { due } = await dueEndpoints(bundle.sql, shard, null, 1000);
  expect(due.map(found => found.endpointId)).toEqual([dead, busy]);
});

test("a scan goes on where the last one stopped", async () => {
  const first = await dueEndpoints(bundle.sql, shard, null, 1);
  const second = await dueEndpoints(bundle.sql, shard, first.cursor, 1);
  const third = await dueEndpoints(bundle.sql, shard, second.cursor, 1);
  expect([first, second].map(found => found.due[0]!.endpointId)).toEqual([dead, busy]);
  expect(third).toEqual({ due: [], cursor: null });
});

test("recording and releasing read no rows but their own", async () => {
  const { sql } = bundle;
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
