import { afterAll, beforeAll, expect, test } from "vitest";
import { connectHot, type Sql } from "../../src/database/connect.ts";
import type { SettleDeps } from "../../src/settle/batch.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { callbackSays, kes } from "../support/evidence.ts";
import { connection, merchant, type TestConnection } from "../support/fixtures.ts";
import { evidenceItem, registrationItem, settleDeps } from "../support/settling.ts";
import { testVault } from "../support/test-vault.ts";

let database: TestDatabase;
/** A client like the program's, whose statements are prepared while the tables are empty. */
let early: Sql;
let deps: SettleDeps;
let daraja: TestConnection;
const batchSize = 100;
const batches = 50;

beforeAll(async () => {
  database = await testDatabase();
  // Without statistics, as of tables that grow faster than autovacuum analyzes them.
  for (const table of ["transactions", "transaction_keys", "evidence", "poll_queue", "events"])
    await database.sql`alter table ${database.sql(table)} set (autovacuum_enabled = false)`;
  early = connectHot(database.url, { applicationName: "hakika test early", max: 1, byKey: true, vault: testVault() });
  deps = settleDeps(early);
  const owner = await merchant(database.sql);
  const credentials = { consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" };
  daraja = await connection(database.sql, owner, { credentials });
});

afterAll(async () => {
  await early.end();
  await database.drop();
});

const amount = kes(5000);
const registrations = (b: number) =>
  Array.from({ length: batchSize }, (_, n) =>
    registrationItem(daraja, { refs: { checkout_request_id: `ws_CO_${b}_${n}` }, amount }),
  );
const callbacks = (b: number) =>
  Array.from({ length: batchSize }, (_, n) => {
    const [id, receipt] = [`ws_CO_${b}_${n}`, `T${b}X${n}`];
    const refs = { checkout_request_id: id, receipt };
    const identity = [`checkout_request_id:${id}`, `receipt:${receipt}`];
    return evidenceItem(daraja, callbackSays("completed", { identity, refs, amount }));
  });

/** Rows that the database has read, by index or without. */
async function rowsRead(): Promise<number> {
  await early`select pg_stat_force_next_flush()`;
  const [row] = await early<{ rows: number }[]>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_user_tables`;
  return row!.rows;
}

test("regression: a batch reads as few rows beside thousands of transactions as beside none, whenever its plans were made", async () => {
  await settleBatch(deps, daraja.shard, registrations(0));
  await settleBatch(deps, daraja.shard, callbacks(0));
  for (let b = 1; b <= batches; b += 1) await settleBatch(deps, daraja.shard, registrations(b));
  const before = await rowsRead();
  await settleBatch(deps, daraja.shard, callbacks(1));
  expect((await rowsRead()) - before).toBeLessThan(batchSize * 20);
});
