import { createHash } from "node:crypto";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { phoneHits, quarantineHits, referenceHits, refHits } from "../../src/api/search/text-store.ts";
import { filteredIds, type TransactionFilter } from "../../src/api/transactions/filter-store.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "../support/fixtures.ts";

/** `ROWS=1000000` shows the same at a million rows, with what each filter reads. */
const rows = Number(process.env.ROWS ?? 20_000);
const dayMs = 86_400_000;
const now = Date.parse("2026-06-01T00:00:00Z");
/**
 * A filter may read so many rows, whatever it looks for: those of two days where it looks for one, and those among
 * which a page of a usual amount lies.
 */
const readMax = Math.max(2_500, rows / 100);

let database: TestDatabase;
let client: postgres.Sql;
let shop: TestMerchant;
let common: TestConnection;
let rare: TestConnection;
const logged: { query: string; params: unknown[] }[] = [];
const open = () => drizzle(client, { logger: { logQuery: (query, params) => logged.push({ query, params }) } });
let db: ReturnType<typeof open>;

beforeAll(async () => {
  database = await testDatabase();
  client = postgres(database.url, { max: 1, onnotice: () => {} });
  db = open();
  const { sql } = database;
  shop = await merchant(sql);
  common = await connection(sql, shop);
  rare = await connection(sql, shop, { provider: "kyanda", environment: "sandbox" });
  const { shard, id } = shop;
  // 200 days; what is rare lies at their beginning, where a walk from the newest would come last.
  await sql`
    insert into transactions (shard, id, merchant_id, connection_id, provider, environment, kind, status, status_source,
      registered, version, sequence, reference, provider_refs, amount, currency, review, details, metadata, phone_hash, name_hashes, occurred_at, created_at)
    select ${shard}, (lpad(to_hex(ms), 12, '0') || '7000' || '87' || lpad(to_hex(n), 14, '0'))::uuid, ${id},
      case when n < 5 then ${rare.id}::uuid else ${common.id}::uuid end, case when n < 5 then 'kyanda' else 'daraja' end,
      case when n < 5 then 'sandbox' else 'production' end, case when n between 5 and 9 then 'reversal' else 'c2b' end,
      case when n between 10 and 14 then 'failed' when n between 15 and 19 then 'pending' when n between 20 and 24 then 'expired'
        when n between 25 and 29 then 'unresolved' else 'completed' end,
      'callback', false, 1, 1, 'ORDER-' || n, '{}', case when n between 30 and 34 then 99999900 else 5000 + n % 100 end, 'KES',
      case when n between 35 and 39 then '{"reason":"conflict"}'::jsonb end, '{}', '{}',
      decode(md5((case when n between 45 and 49 then -1 else n end)::text), 'hex'),
      array[case when n between 45 and 49 then 1 else 1000 + n % 5000 end],
      to_timestamp(ms / 1000.0) - case when n between 40 and 44 then interval '400 days' else interval '1 minute' end,
      to_timestamp(ms / 1000.0)
    from (select n, (${now - 200 * dayMs}::bigint + n * ${(200 * dayMs) / rows}::bigint) as ms
      from generate_series(0, ${rows - 1}) n) as r`;
  await sql`
    insert into poll_queue (shard, transaction_id, connection_id, due_at, ready, urgent, ends_at)
    select shard, id, connection_id, now(), false, false, now() from transactions where shard = ${shard} and status = 'pending'`;
  await sql`
    insert into transaction_refs (shard, value, transaction_id)
    select shard, lower('REC' || reference), id from transactions where shard = ${shard}`;
  await sql`analyze`;
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

type Plan = {
  "Node Type": string;
  "Actual Rows": number;
  "Actual Loops": number;
  Plans?: Plan[];
  [more: string]: unknown;
};

/** The rows that a plan's scans read, those that a filter removed included. */
function rowsRead(plan: Plan): number {
  const below = (plan.Plans ?? []).reduce((sum, each) => sum + rowsRead(each), 0);
  if (!/Scan/.test(plan["Node Type"])) return below;
  const removed = Number(plan["Rows Removed by Filter"] ?? 0) + Number(plan["Rows Removed by Index Recheck"] ?? 0);
  return below + (plan["Actual Rows"] + removed) * plan["Actual Loops"];
}

/** What a filter finds, and how many rows its statements read. */
async function cost(filter: Partial<TransactionFilter>): Promise<{ found: number; read: number }> {
  logged.length = 0;
  const ids = await filteredIds(db, shop.shard, { before: null, count: 51 }, { merchantId: null, ...filter });
  return { found: ids.length, read: await rowsReadByLogged() };
}

async function rowsReadByLogged(): Promise<number> {
  let read = 0;
  for (const { query, params } of [...logged]) {
    const [row] = await client.unsafe(`explain (analyze, format json) ${query}`, params as never[]);
    read += rowsRead((row as unknown as { "QUERY PLAN": [{ Plan: Plan }] })["QUERY PLAN"][0].Plan);
  }
  return read;
}

const filters = (): Record<string, { filter: Partial<TransactionFilter>; found: number }> => ({
  none: { filter: {}, found: 51 },
  merchant: { filter: { merchantId: shop.id }, found: 51 },
  "status completed": { filter: { status: "completed" }, found: 51 },
  "status pending": { filter: { status: "pending" }, found: 5 },
  "status failed": { filter: { status: "failed" }, found: 5 },
  "status expired": { filter: { status: "expired" }, found: 5 },
  "status unresolved": { filter: { status: "unresolved" }, found: 5 },
  "status refunded": { filter: { status: "refunded" }, found: 0 },
  "status processing": { filter: { status: "processing" }, found: 0 },
  provider: { filter: { provider: "kyanda" }, found: 5 },
  "unused provider": { filter: { provider: "codian" }, found: 0 },
  environment: { filter: { environment: "sandbox" }, found: 5 },
  kind: { filter: { kind: "reversal" }, found: 5 },
  "unused kind": { filter: { kind: "airtime" }, found: 0 },
  connection: { filter: { connection_id: rare.id }, found: 5 },
  "connection of most": { filter: { connection_id: common.id }, found: 51 },
  reference: { filter: { reference: " order-17 " }, found: 1 },
  provider_ref: { filter: { provider_ref: "recORDER-17" }, found: 1 },
  review: { filter: { review: "true" }, found: 5 },
  "review by reason": { filter: { review: "conflict" }, found: 5 },
  amount_min: { filter: { amount_min: "999999" }, found: 5 },
  amount_max: { filter: { amount_max: "50" }, found: 51 },
  "no such amount": { filter: { amount_min: "60", amount_max: "70" }, found: 0 },
  "a usual amount": { filter: { amount_min: "50.00", amount_max: "50.99" }, found: 51 },
  occurred_after: { filter: { occurred_after: new Date(now - dayMs) }, found: 51 },
  occurred_before: { filter: { occurred_before: new Date(now - 300 * dayMs) }, found: 5 },
  "occurred in one old hour": {
    filter: { occurred_after: new Date(now - 150 * dayMs), occurred_before: new Date(now - 150 * dayMs + dayMs / 24) },
    found: Math.min(51, Math.floor(rows / 200 / 24)),
  },
  phone: { filter: { phoneHash: createHash("md5").update("-1").digest() }, found: 5 },
  "unknown phone": { filter: { phoneHash: Buffer.alloc(16) }, found: 0 },
  party_name: { filter: { nameHash: 1 }, found: 5 },
  "unknown name": { filter: { nameHash: 2 }, found: 0 },
});

test("each filter alone, and with created_*, reads few of many rows", async () => {
  const created = { created_after: new Date(now - 210 * dayMs), created_before: new Date(now + dayMs) };
  const wrong: string[] = [];
  for (const [name, { filter, found }] of Object.entries(filters())) {
    for (const [how, whole] of [
      [name, filter],
      [`${name} with created_*`, { ...filter, ...created }],
    ] as const) {
      const measured = await cost(whole);
      if (rows > 100_000) console.log(`${how}: read ${measured.read} rows`);
      if (measured.found !== found || measured.read > readMax) {
        wrong.push(`${how}: found ${measured.found} of ${found}, read ${measured.read} rows`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("each kind of search reads few of many rows", async () => {
  const scope = { db, shard: shop.shard, merchantId: null, count: 20 };
  const phones = { ofPhone: () => createHash("md5").update("-1").digest(), ofPhoneBefore: () => Buffer.alloc(16) };
  const searches: Record<string, () => Promise<unknown[]>> = {
    "a receipt": () => refHits(scope, "RECorder-17", "exact"),
    "a beginning of many": () => refHits(scope, "RECORDER-1", "beginning"),
    "a beginning of few": () => refHits(scope, "RECORDER-1777", "beginning"),
    "a reference": () => referenceHits(scope, " order-17 "),
    "of one merchant": () => referenceHits({ ...scope, merchantId: shop.id }, "ORDER-17"),
    "a phone": () => phoneHits(scope, "+254711000001", phones as never),
    "a receipt in quarantine": () => quarantineHits(scope, "RECORDER-17"),
  };
  for (const [name, search] of Object.entries(searches)) {
    logged.length = 0;
    const hits = await search();
    const read = await rowsReadByLogged();
    if (rows > 100_000) console.log(`search for ${name}: read ${read} rows`);
    expect(hits.length > 0, name).toBe(name !== "a receipt in quarantine");
    // Of a beginning that many have, a bounded number is looked at.
    expect(read, name).toBeLessThan(name === "a beginning of many" ? 20_000 : 500);
  }
});

test("filters narrow each other, and pages follow each other without gaps", async () => {
  const all = {
    merchantId: shop.id,
    provider: "daraja",
    amount_min: "50.00",
    occurred_after: new Date(now - 10 * dayMs),
  };
  const first = await filteredIds(db, shop.shard, { before: null, count: 40 }, all);
  const second = await filteredIds(db, shop.shard, { before: first.at(-1)!.id, count: 40 }, all);
  const both = await filteredIds(db, shop.shard, { before: null, count: 80 }, all);
  expect([...first, ...second]).toEqual(both);
  expect(
    await filteredIds(db, shop.shard, { before: null, count: 5 }, { ...all, merchantId: newUuid(shop.shard) }),
  ).toEqual([]);
});
