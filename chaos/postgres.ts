import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, chownSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pino from "pino";
import { connectHot, type Sql } from "../src/database/connect.ts";
import { serverAccount } from "../src/embedded-postgres/account.ts";
import { ensureServer, type Wanted } from "../src/embedded-postgres/ensure.ts";
import { serverUrl, takeHold } from "../src/embedded-postgres/hold.ts";
import { superuser } from "../src/embedded-postgres/initialize.ts";
import { databaseName } from "../src/embedded-postgres/join.ts";
import { layoutOf } from "../src/embedded-postgres/layout.ts";
import { keepPassword } from "../src/embedded-postgres/password.ts";
import { freePort } from "../src/embedded-postgres/port.ts";
import { isLiving, type Postmaster, readPostmaster } from "../src/embedded-postgres/postmaster.ts";
import { shutDown } from "../src/embedded-postgres/shutdown.ts";

/** A private, durable PostgreSQL that nothing watches over. */
export type PostgresServer = {
  /** Address of its database; the same after every `start`. */
  url: string;
  port: number;
  /** PostgreSQL's data. */
  cluster: string;
  /** Starts it again on the same data and port; recovers first, where it was killed. */
  start(): Promise<void>;
  /** Fast shutdown: clients are thrown out, data is checkpointed. */
  stop(): Promise<void>;
  /** Kills the server and its backends as a crash would, and waits until it is dead. */
  kill9(): Promise<void>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
};

const pollMs = 20;
/** Processes that a server has connections for: after an outage it has the old ones of each as well for a while. */
const clients = 8;
const silentLog = pino({ level: "silent" });

/** Starts a server on a new cluster below `folder`, which PostgreSQL's account must be able to enter. */
export async function startPostgres(folder: string, binDir?: string): Promise<PostgresServer> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const wanted: Wanted = { layout: layoutOf(folder), binDir, port: null, processes: clients, log: silentLog };
  const { port } = await ensureServer(wanted);
  const password = keepPassword(wanted.layout);
  await (await takeHold(port, password, databaseName, () => {})).close();
  return serverOf(folder, wanted, port, password);
}

/**
 * Starts a hot standby that streams from `primary`. `synchronous`: from now on the primary's commits wait for it. Its
 * data is copied while the primary runs, as `pg_basebackup` does, which the package does not have.
 */
export async function startReplica(
  primary: PostgresServer,
  folder: string,
  { synchronous, binDir }: { synchronous: boolean; binDir?: string },
): Promise<PostgresServer> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const layout = layoutOf(folder);
  mkdirSync(layout.home);
  const password = new URL(primary.url).password;
  writeFileSync(layout.password, `${password}\n`, { mode: 0o600 });
  const sql = connectHot(primary.url, { applicationName: "replica", max: 1, isLasting: true });
  try {
    await copyCluster(sql, primary.cluster, layout.cluster);
    const source = `host=127.0.0.1 port=${primary.port} user=${superuser} password=${password}`;
    appendFileSync(path.join(layout.cluster, "postgresql.auto.conf"), `\nprimary_conninfo = '${source}'\n`);
    writeFileSync(path.join(layout.cluster, "standby.signal"), "");
    giveToServer(layout.cluster);
    const wanted: Wanted = { layout, binDir, port: await freePort(), processes: clients, log: silentLog };
    const { port } = await ensureServer(wanted);
    await untilStreaming(sql);
    if (synchronous) await sql`alter system set synchronous_standby_names = '*'`;
    await sql`select pg_reload_conf()`;
    if (synchronous) await untilStreaming(sql, "sync");
    return serverOf(folder, wanted, port, password);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Makes a standby the primary. */
export async function promote(replica: PostgresServer): Promise<void> {
  const sql = connectHot(replica.url, { applicationName: "promote", max: 1 });
  try {
    await sql`select pg_promote(true, 60)`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** One address of both, the standby first. */
export function addressOfBoth(primary: PostgresServer, replica: PostgresServer): string {
  const both = primary.url.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${replica.port},127.0.0.1:${primary.port}`);
  return `${both}?target_session_attrs=read-write`;
}

async function copyCluster(sql: Sql, from: string, to: string): Promise<void> {
  await sql`select pg_backup_start('replica', true)`;
  const left = /(^|\/)(postmaster\.(pid|opts)|pg_wal\/.+|pg_replslot\/.+|pgsql_tmp.*)$/;
  cpSync(from, to, { recursive: true, filter: source => !left.test(path.relative(from, source)) });
  const [end] = await sql<{ label: string }[]>`select labelfile as label from pg_backup_stop(false)`;
  writeFileSync(path.join(to, "backup_label"), end!.label);
  for (const name of readdirSync(path.join(from, "pg_wal"))) {
    cpSync(path.join(from, "pg_wal", name), path.join(to, "pg_wal", name), { recursive: true });
  }
}

function giveToServer(cluster: string): void {
  const account = serverAccount();
  chmodSync(cluster, 0o700);
  if (account === null) return;
  for (const entry of ["", ...readdirSync(cluster, { recursive: true, encoding: "utf8" })]) {
    chownSync(path.join(cluster, entry), account.uid, account.gid);
  }
}

async function untilStreaming(sql: Sql, as?: "sync"): Promise<void> {
  for (;;) {
    const rows = await sql<
      { state: string; sync: string }[]
    >`select state, sync_state as sync from pg_stat_replication`;
    if (rows.some(({ state, sync }) => state === "streaming" && (as === undefined || sync === as))) return;
    await pause(pollMs);
  }
}

function serverOf(folder: string, wanted: Wanted, port: number, password: string): PostgresServer {
  const { cluster } = wanted.layout;
  const stop = async () => {
    await shutDown(wanted);
  };
  return {
    url: serverUrl(port, password, databaseName),
    port,
    cluster,
    stop,
    async start() {
      await ensureServer({ ...wanted, port });
    },
    async kill9() {
      const found = readPostmaster(cluster);
      // A killed server leaves its file: its number may be another program's by now.
      if (found !== null && isLiving(found, cluster)) await killAll(found, cluster);
    },
    async remove() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function killAll(found: Postmaster, cluster: string): Promise<void> {
  const children = childrenOf(found.pid);
  process.kill(found.pid, "SIGKILL");
  for (const pid of children) killIfAlive(pid);
  while (isLiving(found, cluster)) await pause(pollMs);
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

/** Removes what a killed run left. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
