import { existsSync, mkdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { type SystemAccount, serverAccount } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { initializeCluster } from "./initialize.ts";
import { launchServer } from "./launch.ts";
import type { Layout } from "./layout.ts";
import { keepPassword } from "./password.ts";
import { readyBinaries } from "./place.ts";
import { freePort, rememberedPort, rememberPort } from "./port.ts";
import { isLiving, type Postmaster, readPostmaster, removeStale } from "./postmaster.ts";

/** `port` is fixed where an address was handed out already, else `null`. */
export type Wanted = {
  layout: Layout;
  binDir: string | undefined;
  port: number | null;
  /** Receiver processes that the server has connections for; 1 where left out. */
  processes?: number;
  log: Logger;
};
export type Server = { port: number; startedHere: boolean };

/** How long the remains of a killed server (a zombie, its last children) may keep a new one from starting. */
const lockedMaxMs = 15_000;
/**
 * A lock file whose process is no server is removed after this time; a file that a server is writing changes sooner.
 */
const staleAfterMs = 1_000;
const portTriesMax = 20;
const pollMs = 20;
const slowAfterMs = 5_000;

/** The cluster's server: the running one, or one started now on a cluster that is initialized first if needed. */
export async function ensureServer(wanted: Wanted): Promise<Server> {
  mkdirSync(wanted.layout.home, { recursive: true });
  const since = Date.now();
  const slow = setInterval(() => {
    wanted.log.info(
      { waiting_ms: Date.now() - since },
      "the embedded PostgreSQL is starting, maybe recovering from a crash",
    );
  }, slowAfterMs);
  try {
    return (await adoptServer(wanted.layout)) ?? (await startServer(wanted, prepare(wanted)));
  } finally {
    clearInterval(slow);
  }
}

/** Waits until a running server is ready; `null` where none runs, or where it ended meanwhile. */
async function adoptServer(layout: Layout): Promise<Server | null> {
  for (;;) {
    const found = readPostmaster(layout.cluster);
    if (found === null || !isLiving(found, layout.cluster)) return null;
    if (found.status === "ready" && found.port !== null) return { port: found.port, startedHere: false };
    await pause(pollMs);
  }
}

type Prepared = { account: SystemAccount; binaries: Binaries };

function prepare({ layout, binDir, port, log }: Wanted): Prepared {
  // A program that had a database must not go on with an empty one.
  if (port !== null && !existsSync(layout.cluster)) throw new Error(`The database's folder ${layout.cluster} is gone.`);
  const account = serverAccount();
  const password = keepPassword(layout);
  const binaries = readyBinaries(layout, binDir, account, log);
  initializeCluster(layout, binaries, account, password);
  return { account, binaries };
}

async function startServer(wanted: Wanted, { account, binaries }: Prepared): Promise<Server> {
  const { layout, port: fixed, processes = 1, log } = wanted;
  const isStale = staleWatch();
  const until = Date.now() + lockedMaxMs;
  let port = fixed ?? rememberedPort(layout) ?? (await freePort());
  for (let portTries = 0; portTries < portTriesMax; ) {
    const launch = await launchServer(layout, binaries, account, { port, processes });
    switch (launch.kind) {
      case "ready":
        rememberPort(layout, port);
        log.info({ port, version: binaries.version, user: account?.name }, "started the embedded PostgreSQL");
        return { port, startedHere: true };
      case "port taken":
        if (fixed !== null) throw new Error(`Another program has taken port ${fixed} of the embedded PostgreSQL.`);
        port = await freePort();
        portTries++;
        break;
      case "failed":
        throw new Error(`The embedded PostgreSQL did not start: ${launch.log}`);
      case "locked": {
        const other = await adoptServer(layout);
        if (other) return other;
        if (Date.now() > until) throw new Error(`A process that is no server holds ${layout.cluster}: ${launch.log}`);
        const found = readPostmaster(layout.cluster);
        if (found && isStale(found)) removeStale(found, layout.cluster);
        await pause(5 * pollMs);
      }
    }
  }
  throw new Error(`No free port was found for the embedded PostgreSQL in ${portTriesMax} tries.`);
}

/** Whether a lock file that names no server has stayed the same for `staleAfterMs`. */
function staleWatch(): (found: Postmaster) => boolean {
  let seen = { text: "", at: 0 };
  return ({ text }) => {
    if (text !== seen.text) seen = { text, at: Date.now() };
    return Date.now() - seen.at >= staleAfterMs;
  };
}
