import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { chmod, rm } from "node:fs/promises";
import path from "node:path";
import { inject } from "vitest";
import { ensureServer, type Wanted } from "../../src/embedded-postgres/ensure.ts";
import { serverUrl, takeHold } from "../../src/embedded-postgres/hold.ts";
import { databaseName } from "../../src/embedded-postgres/join.ts";
import { layoutOf } from "../../src/embedded-postgres/layout.ts";
import { keepPassword } from "../../src/embedded-postgres/password.ts";
import { isLiving, readPostmaster } from "../../src/embedded-postgres/postmaster.ts";
import { shutDown } from "../../src/embedded-postgres/shutdown.ts";
import { silentLog } from "./silent-log.ts";

export type OwnPostgres = {
  /** Address of an empty database (no migrations); the same after every `start`. */
  url: string;
  /** Starts it again on the same data and port; recovers first, where it was killed. */
  start(): Promise<void>;
  /** Fast shutdown: clients are thrown out, data is checkpointed. */
  stop(): Promise<void>;
  /** Kills the server and its backends as a crash would, and waits until it is dead. */
  kill9(): Promise<void>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
};

const deadPollMs = 10;

/** A private, durable server that nothing watches over, for tests that stop, restart or kill their database. */
export async function ownPostgres(): Promise<OwnPostgres> {
  const folder = mkdtempSync(path.join(inject("runFolder"), "own-"));
  await chmod(folder, 0o755);
  const layout = layoutOf(folder);
  const wanted: Wanted = { layout, binDir: inject("postgresBin"), port: null, log: silentLog };
  const { port } = await ensureServer(wanted);
  const password = keepPassword(layout);
  await (await takeHold(port, password, databaseName, () => {})).close();
  const stop = async () => {
    await shutDown(wanted);
  };
  return {
    url: serverUrl(port, password, databaseName),
    stop,
    async start() {
      await ensureServer({ ...wanted, port });
    },
    async kill9() {
      const found = readPostmaster(layout.cluster);
      if (found === null) return;
      const children = childrenOf(found.pid);
      process.kill(found.pid, "SIGKILL");
      for (const pid of children) killIfAlive(pid);
      while (isLiving(found, layout.cluster)) await new Promise(resolve => setTimeout(resolve, deadPollMs));
    },
    async remove() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A backend whose postmaster died answers until it next looks for it: a crash of the machine would have ended it too.
 */
function childrenOf(pid: number): number[] {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map(line => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (parent === pid ? [child!] : []));
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
