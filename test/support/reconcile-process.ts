/**
 * A process that reconciles the database of argv as another machine would: says it is ready, waits for a line, runs passes until one
 * finds nothing to ask and nobody asking, and answers the sum of their summaries as a line of JSON. Run by `reconcileElsewhere`.
 */
import { once } from "node:events";
import { connectHot } from "../../src/database/connect.ts";
import { newPassCounts } from "../../src/reconcile/pass-counts.ts";
import { reconciling } from "./reconciling.ts";

const sql = connectHot(process.argv[2]!, { applicationName: "hakika elsewhere", max: 6 });
const rec = reconciling(sql);
await sql`select 1`;
process.stdout.write("ready\n");
await once(process.stdin, "data");
const sum = newPassCounts();
for (;;) {
  const { started_at: _s, finished_at: _f, ...tally } = await rec.pass();
  for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += tally[name];
  if (tally.polled + tally.already_running === 0) break;
}
process.stdout.write(`${JSON.stringify(sum)}\n`);
process.stdin.pause();
await rec.close();
await sql.end();
