import { afterAll, beforeAll, expect, test } from "vitest";
import { connectHot, type Sql, type Tx } from "../../src/database/connect.ts";
import { newUuid } from "../../src/domain/ids.ts";
import {
  connectionsWithDuePolls,
  connectionsWithUrgentPolls,
  makeReady,
  recoverExpiredLeases,
  shardsWithOverdue,
} from "../../src/reconcile/due-store.ts";
import { claimDuePolls, claimOverdue } from "../../src/reconcile/poll/claim-store.ts";
import { releaseOf } from "../../src/reconcile/poll/claimed-poll.ts";
import { releasePolls } from "../../src/schedule/queue-store.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { connection, merchant, type TestConnection } from "../support/fixtures.ts";
import { testVault } from "../support/test-vault.ts";

/** Unfinished transactions; a tenth of them is the ready backlog of one connection. */
const rows = 1_000_000;
const backlog = 100_000;
const shard = 14;

let database: TestDatabase;
/** A client as the program has it, which prepared its statements while the tables were empty. */
let early: Sql;
let busy: TestConnection;
const everyEnd = { connectionId: null, merchantId: null, expiredOnly: false };

beforeAll(async () => {
  database = await testDatabase();
  const { sql } = database;
  const duka = await merchant(sql, { shard });
  busy = await connection(sql, duka);
  early = connectHot(database.url, { applicationName: "hakika test early", max: 1, byKey: true, vault: testVault() });
  // Unlogged for speed; without autovacuum, so that no statistics help the planner.
  for (const table of ["transactions", "poll_queue"]) {
    await sql`alter table ${sql(table)} set unlogged`;
    await sql`alter table ${sql(table)} set (autovacuum_enabled = false)`;
  }
  // After five executions the server keeps a generic plan.
  for (let turn = 0; turn < 7; turn += 1) await cycle(early);
  const id = sql`('01990000-0000-7000-8e00-' || lpad(to_hex(n), 12, '0'))::uuid`;
  await sql`
    insert into transactions (shard, id, merchant_id, connection_id, provider, environment, kind, status, status_source, registered,
      version, sequence, provider_refs, details, metadata)
    select ${shard}, ${id}, ${duka.id}, ${busy.id}, 'daraja', 'sandbox', 'stk_push', 'pending', 'registration', true, 1, 0,
      '{}', '{}', '{}'
    from generate_series(1, ${rows}::int) n`;
  // The newest are not due yet, as in production; other connections have as many entries.
  await sql`
    insert into poll_queue (shard, transaction_id, connection_id, due_at, ends_at, ready, urgent)
    select ${shard}, ${id},
      case when n % 5 = 0 or n <= ${backlog * 2}::int then ${busy.id}::uuid else md5((n % 1000)::text)::uuid end,
      case when n <= ${backlog}::int then now() - interval '1 hour'
        else now() + n * interval '1 millisecond' + interval '1 hour' end,
      now() + interval '2 days', n <= ${backlog}::int, false
    from generate_series(1, ${rows}::int) n`;
}, 240_000);

afterAll(async () => {
  await early.end();
  await database.drop();
});

/** The statements of one pass and one round of the worker; returns how many polls were claimed. */
async function cycle(sql: Sql): Promise<number> {
  await makeReady(sql, shard);
  await connectionsWithDuePolls(sql, shard);
  await shardsWithOverdue(sql);
  await connectionsWithUrgentPolls(sql);
  await recoverExpiredLeases(sql);
  return (await sql.begin(async tx => {
    const claimed = await claimDuePolls(tx, shard, busy?.id ?? newUuid(shard), 16, "ready");
    await claimDuePolls(tx, shard, busy?.id ?? newUuid(shard), 16, "urgent");
    await claimOverdue(tx, shard, 200, everyEnd);
    await releasePolls(
      tx,
      shard,
      claimed.map(c => releaseOf(c, { dueAt: new Date(Date.now() + 3_600_000) })),
    );
    return claimed.length;
  })) as number;
}

/** Rows that `early` has read of the three tables, with or without an index. */
async function rowsRead(): Promise<number> {
  await early`select pg_stat_force_next_flush()`;
  const [row] = await early<{ rows: number }[]>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_user_tables
    where relname in ('poll_queue', 'transactions', 'evidence')`;
  return row!.rows;
}

type Node = {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Rows": number;
  "Rows Removed by Filter"?: number;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: Node[];
};
const nodes = (plan: Node): Node[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];

/** Runs a claim under `explain analyze`, and rolls it back. */
const rollback = new Error("rolled back by the test");

async function planOf(claim: (tx: Tx) => Promise<unknown>): Promise<Node> {
  let plan: Node | null = null;
  await database.sql
    .begin(async tx => {
      const explaining = (template: TemplateStringsArray, ...values: never[]) => {
        if (!/^\s*with due/.test(template[0]!)) return tx(template, ...values);
        const texts = [`explain (analyze, buffers, timing off, format json) ${template[0]}`, ...template.slice(1)];
        return tx(Object.assign(texts, { raw: texts }) as never, ...values).then(([row]) => {
          plan = (row as { "QUERY PLAN": [{ Plan: Node }] })["QUERY PLAN"][0].Plan;
          return [];
        });
      };
      await claim(explaining as unknown as Tx);
      throw rollback;
    })
    .catch(error => {
      if (error !== rollback) throw error;
    });
  return plan!;
}

test("a claim reads only index entries near the newest, at a million transactions and a backlog of 100,000", async () => {
  const plan = await planOf(tx => claimDuePolls(tx, shard, busy.id, 16, "ready"));
  const scans = nodes(plan).filter(node => node["Relation Name"] !== undefined);
  expect(scans.filter(node => /Seq Scan|Bitmap/.test(node["Node Type"]))).toEqual([]);
  expect(scans.map(node => node["Index Name"])).toContain("poll_queue_ready");
  expect(Math.max(...scans.map(node => node["Rows Removed by Filter"] ?? 0))).toBeLessThan(100);
  expect(plan["Actual Rows"]).toBe(16);
  expect(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]).toBeLessThan(1000);
});

test("plans that were made while the tables were empty read as little", async () => {
  await cycle(early);
  const before = await rowsRead();
  expect(await cycle(early)).toBe(16);
  expect((await rowsRead()) - before).toBeLessThan(1000);
});

test("the newest of a backlog are claimed first, and a newer one that has just become due before them", async () => {
  await database.sql`
    update poll_queue set due_at = now() - interval '1 second' where shard = ${shard}
      and transaction_id = ('01990000-0000-7000-8e00-' || lpad(to_hex(${backlog * 2}::int), 12, '0'))::uuid`;
  expect(await makeReady(early, shard)).toBe(1);
  const ids = (await early.begin(async tx => {
    const claimed = await claimDuePolls(tx, shard, busy.id, 3, "ready");
    return claimed.map(c => Number.parseInt(c.transaction.id.slice(-12), 16));
  })) as number[];
  expect(ids[0]).toBe(backlog * 2);
  expect(ids[1]).toBeGreaterThan(backlog - 100);
  expect(ids[1]! > ids[2]!).toBe(true);
});
