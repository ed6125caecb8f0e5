import { connectHot, type Sql } from "../src/database/connect.ts";
import { postgresCpuSeconds } from "./child.ts";
import { clonePayment, keepSeed } from "./clone-payment.ts";
import { type Contestant, startContestants, stopContestants, takeTurn } from "./contestants.ts";
import { runLoad } from "./load.ts";
import { measure, printTurn } from "./measure.ts";
import { type Merchant, startMerchant } from "./merchant.ts";
import type { BenchOptions } from "./options.ts";
import { serverEnv, stkBody } from "./setup.ts";
import { printVerdicts } from "./verdicts.ts";

const smallest = 10_000;
/** A cost that grows with the logarithm of the rows stays below this; one that walks rows is a hundred times as much. */
const flatAtMost = 1.5;
const seedId = "ws_CO_seed_0";

/** CPU ms of the database for each operation, by its name. */
type Costs = Map<string, number>;

/** What each operation costs the database with 10,000 transactions of one merchant, and with many more. */
export async function benchScale(databaseUrl: string, { transactions, share }: BenchOptions): Promise<void> {
  const merchant = await startMerchant();
  const [hakika] = await startContestants(["hakika"], { databaseUrl, merchantUrl: merchant.url }, null);
  const url = new URL(databaseUrl);
  url.pathname = "/bench_hakika";
  const sql = connectHot(url.href, { applicationName: "bench scale", max: 1 });
  try {
    await takeTurn(hakika!, async () => {
      const told = merchant.expect("seed", 1);
      await runLoad({
        port: hakika!.child.port,
        path: hakika!.path,
        connections: 1,
        total: 1,
        bodyOf: n => stkBody(seedId, n),
      });
      await told;
      await untilRecorded(sql);
    });
    await keepSeed(sql);
    await clonePayment(sql, seedId, 1, smallest);
    const few = await takeTurn(hakika!, () => costs(sql, hakika!, merchant, smallest, share));
    const startedMs = performance.now();
    await clonePayment(sql, seedId, smallest + 1, transactions - smallest);
    console.log(`filled to ${transactions} transactions in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
    const many = await takeTurn(hakika!, () => costs(sql, hakika!, merchant, transactions, share));
    const [size] = await sql<{ mb: number }[]>`select (pg_database_size(current_database()) / 1e6)::int as mb`;
    console.log(`database: ${size!.mb} MB, ${((size!.mb * 1000) / transactions).toFixed(2)} KB a payment`);
    printVerdicts(
      [...few].map(([operation, cost]) => ({
        aim: `${operation}: ${transactions} transactions to ${smallest}`,
        measured: many.get(operation)! / cost,
        atMost: flatAtMost,
      })),
    );
  } finally {
    await stopContestants([hakika!]);
    merchant.close();
    await sql.end();
  }
}

/** The outcome of the seed's delivery is recorded a moment after the merchant's answer. */
async function untilRecorded(sql: Sql): Promise<void> {
  for (;;) {
    const [row] = await sql<{ left: boolean }[]>`
      select exists (select from delivery_queue) or not exists (select from delivery_attempts) as left`;
    if (!row!.left) return;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

async function costs(
  sql: Sql,
  hakika: Contestant,
  merchant: Merchant,
  transactions: number,
  share: number,
): Promise<Costs> {
  const measured: Costs = new Map();
  // Warms caches and plans up.
  await measure(sql, hakika, merchant, { total: 500, connections: 16 });
  for (const [operation, load] of Object.entries({
    "a payment at full load": { total: 4_000 * share, connections: 64 },
    "a payment at 100/s": { total: 1_000 * share, connections: 16, rate: 100 },
  })) {
    const turn = await measure(sql, hakika, merchant, load);
    printTurn(`${transactions} transactions`, load.total === 4_000 * share ? "full" : "100/s", turn);
    measured.set(operation, turn.database);
  }
  const [row] = await sql<{ id: string; receipt: string }[]>`
    select replace(id::text, '-', '') as id, provider_refs->>'receipt' as receipt from transactions
    order by shard, id limit 1`;
  const calls = Math.max(20, 200 * share);
  for (const [operation, path] of Object.entries({
    "list transactions": "/v1/transactions?limit=50",
    "list completed ones": "/v1/transactions?limit=50&status=completed",
    "list unfinished ones": "/v1/transactions?limit=50&status=pending",
    "list failed ones": "/v1/transactions?limit=50&status=failed",
    "list by provider": "/v1/transactions?limit=50&provider=kyanda",
    "list by kind": "/v1/transactions?limit=50&kind=reversal",
    "list by environment": "/v1/transactions?limit=50&environment=production",
    "list by amount": "/v1/transactions?limit=50&amount_min=999999",
    "list by occurred_at": "/v1/transactions?limit=50&occurred_before=2000-01-01T00:00:00Z",
    "list by reference": "/v1/transactions?limit=50&reference=none",
    "list in review": "/v1/transactions?limit=50&review=true",
    "search a receipt": `/v1/search?q=${row!.receipt}`,
    "search a phone": "/v1/search?q=0711999888",
    "one transaction": `/v1/transactions/txn_${row!.id}`,
    "find by provider_ref": `/v1/transactions?provider_ref=${seedId}`,
    "list callbacks": "/v1/callbacks?limit=50",
    "list events": "/v1/events?limit=50",
    "list deliveries": "/v1/deliveries?limit=50",
  })) {
    const before = await postgresCpuSeconds(sql);
    const startedMs = performance.now();
    for (let call = 0; call < calls; call += 1) await get(hakika.child.port, path);
    const ms = (performance.now() - startedMs) / calls;
    const cpuMs = (((await postgresCpuSeconds(sql)) - before) / calls) * 1000;
    console.log(
      `${transactions} transactions  ${operation.padEnd(24)} ${ms.toFixed(2)} ms, database CPU ${cpuMs.toFixed(2)} ms`,
    );
    // By the wall: a call costs less than the 10 ms in which the system counts CPU time.
    measured.set(operation, ms);
  }
  return measured;
}

async function get(port: number, path: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${serverEnv.HAKIKA_ADMIN_KEY}` },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}
