import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeLogger } from "../src/app/log.ts";
import { startEmbedded } from "../src/embedded-postgres/start.ts";
import { benchDeliver } from "./deliver.ts";
import { benchHanging } from "./hanging.ts";
import { benchReceive } from "./receive.ts";
import { benchWhole } from "./whole.ts";

const benches: Record<string, (databaseUrl: string) => Promise<void>> = {
  receive: benchReceive,
  whole: benchWhole,
  deliver: benchDeliver,
  hanging: benchHanging,
};

/** `npm run bench [name ...]`: runs all benches, or those named, one after the other on one new database. */
const wanted = process.argv.slice(2);
const dataDir = mkdtempSync(join(tmpdir(), "hakika-bench-db-"));
const embedded = await startEmbedded({ dataDir, log: makeLogger({ level: "error" }) });
try {
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.log(`\n== ${name}`);
    await bench(embedded.ownerUrl);
  }
} finally {
  await embedded.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
