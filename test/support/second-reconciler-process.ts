/**
 * Another process that reconciles the database of argv: writes "ready", waits for a line, runs passes until one polls
 * nothing and no other pass polls, and writes the sum of their counts as a line of JSON. Started by
 * `startSecondReconciler`.
 */
import { once } from "node:events";
import { connectHot } from "../../src/database/connect.ts";
import { newPassCounts } from "../../src/reconcile/pass-counts.ts";
import { testReconciler } from "./test-reconciler.ts";
import { testVault } from "./test-vault.ts";

const sql = connectHot(process.argv[2]!, { applicationName: "hakika second reconciler", max: 6, vault: testVault() });
const reconciler = testReconciler(sql);
await sql`select 1`;
process.stdout.write("ready\n");
await once(process.stdin, "data");
const sum = newPassCounts();
for (;;) {
  const { started_at: _startedAt, finished_at: _finishedAt, ...counts } = await reconciler.pass();
  for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += counts[name];
  if (counts.polled + counts.already_running === 0) break;
}
process.stdout.write(`${JSON.stringify(sum)}\n`);
process.stdin.pause();
await reconciler.close();
await sql.end();
