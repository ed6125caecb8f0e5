import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startPostgres } from "./postgres.ts";
import { playKilledStarts } from "./starts-killed.ts";

/**
 * `npm run chaos:starts -- --orders 1000 [--seed N]`: starts payouts, kills the program with SIGKILL at random points
 * of them, and compares what it says with what the provider was asked. Exit 0 where everything held.
 */
const { values } = parseArgs({ options: { orders: { type: "string" }, seed: { type: "string" } } });
const folder = mkdtempSync(path.join(tmpdir(), "hakika-starts-"));
const server = await startPostgres(path.join(folder, "postgres"));
try {
  const result = await playKilledStarts({
    databaseUrl: server.url,
    folder,
    orders: Number(values.orders ?? 1_000),
    seed: Number(values.seed ?? 1),
    say: line => console.log(line),
  });
  console.log(`${result.orders} orders, ${result.kills} kills: ${JSON.stringify(result.states)}`);
  for (const problem of result.problems.slice(0, 40)) console.log(`  ${problem}`);
  console.log(result.problems.length === 0 ? "everything held" : `${result.problems.length} things did not hold`);
  process.exitCode = result.problems.length === 0 ? 0 : 1;
} finally {
  await server.remove();
  await pause(100);
  rmSync(folder, { recursive: true, force: true });
}
