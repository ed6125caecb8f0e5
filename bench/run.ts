import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeLogger } from "../src/app/log.ts";
import { startEmbedded } from "../src/embedded-postgres/start.ts";
import { benchDeliver } from "./deliver.ts";
import { benchHanging } from "./hanging.ts";
import { type BenchOptions, benchOptions } from "./options.ts";
import { benchReceive } from "./receive.ts";
import { benchScale } from "./scale.ts";
import { benchSlowSenders } from "./slow-senders.ts";
import { benchWhole } from "./whole.ts";

const benches: Record<string, (databaseUrl: string, options: BenchOptions) => Promise<void>> = {
  receive: benchReceive,
  whole: benchWhole,
  scale: benchScale,
  deliver: benchDeliver,
  hanging: benchHanging,
  "slow-senders": benchSlowSenders,
};
/** What runs where nothing is named: the aims. `scale` fills a disk, the others are studies of one room. */
const usual = ["receive", "whole"];

const options = benchOptions(process.argv.slice(2));
const wanted = options.names.length > 0 ? options.names : usual;
const unknown = wanted.filter(name => !Object.hasOwn(benches, name));
if (unknown.length > 0) throw new Error(`there is no bench ${unknown.join(", ")}: ${Object.keys(benches).join(", ")}`);
const dataDir = mkdtempSync(join(tmpdir(), "hakika-bench-db-"));
// Each system has its own database and pool.
const embedded = await startEmbedded({ dataDir, processes: 8, log: makeLogger({ level: "error" }) });
try {
  for (const name of wanted) {
    console.log(`\n== ${name}`);
    await benches[name]!(embedded.ownerUrl, options);
  }
} finally {
  await embedded.stop();
  rmSync(dataDir, { recursive: true, force: true });
  options.before?.remove();
}
