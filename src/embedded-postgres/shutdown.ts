import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { executable } from "./binaries.ts";
import type { Wanted } from "./ensure.ts";
import { readyBinaries } from "./place.ts";
import { isLiving, readPostmaster } from "./postmaster.ts";
import { runToEnd } from "./run.ts";

const stopMaxMs = 60_000;
const pollMs = 10;

/**
 * Fast shutdown: open transactions are rolled back, everything is checkpointed. Answers whether the server was gone
 * within a minute; a slower one goes on ending by itself.
 */
export async function shutDown(wanted: Wanted): Promise<boolean> {
  const { cluster } = wanted.layout;
  const found = readPostmaster(cluster);
  if (found === null || !isLiving(found, cluster)) return true;
  interrupt(found.pid, wanted);
  for (const until = Date.now() + stopMaxMs; Date.now() < until; ) {
    if (!isLiving(found, cluster)) return true;
    await pause(pollMs);
  }
  return false;
}

// Windows knows no signals: there pg_ctl speaks to PostgreSQL's own imitation of them.
function interrupt(pid: number, { layout, binDir, log }: Wanted): void {
  if (process.platform !== "win32") {
    process.kill(pid, "SIGINT");
    return;
  }
  const { bin } = readyBinaries(layout, binDir, null, log);
  runToEnd(path.join(bin, executable("pg_ctl")), ["kill", "INT", String(pid)], layout.home, null);
}
