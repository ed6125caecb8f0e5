import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, inject, test } from "vitest";
import { connectHot, type Sql, waitForDatabase } from "../../src/database/connect.ts";
import { serverAccount } from "../../src/embedded-postgres/account.ts";
import { layoutOf } from "../../src/embedded-postgres/layout.ts";
import { isLiving, readPostmaster } from "../../src/embedded-postgres/postmaster.ts";
import { runAs } from "../../src/embedded-postgres/run.ts";
import { type Embedded, startEmbedded } from "../../src/embedded-postgres/start.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { startSecondProcess } from "../support/second-process.ts";
import { silentLog } from "../support/silent-log.ts";

const binDir = inject("postgresBin");
const isRoot = process.getuid?.() === 0;
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test("what was committed is there after a stop and a second start, at the same address", async () => {
  const dataDir = newDataFolder();
  const first = await join(dataDir);
  await query(first.ownerUrl, sql => sql`create table kept as select 42 as answer`);
  await first.stop();
  expect(serverOf(dataDir)).toBeNull();
  const second = await join(dataDir);
  expect(second).toMatchObject({ startedHere: true, url: first.url });
  expect(await query(second.ownerUrl, sql => sql`select answer from kept`)).toEqual([{ answer: 42 }]);
});

test("the server is durable, speaks UTF-8, listens on loopback only and does not run as root", async () => {
  const dataDir = newDataFolder();
  const { ownerUrl } = await join(dataDir);
  const [settings] = await query(
    ownerUrl,
    sql => sql`
      select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
        current_setting('full_page_writes') as full_page_writes, current_setting('listen_addresses') as listen_addresses,
        current_setting('unix_socket_directories') as sockets, current_setting('server_encoding') as encoding`,
  );
  expect(settings).toEqual({
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    listen_addresses: "127.0.0.1",
    sockets: "",
    encoding: "UTF8",
  });
  expect(statSync(layoutOf(dataDir).cluster).uid).not.toBe(0);
});

test("the server refuses connections without the password, which only its owner can read", async () => {
  const dataDir = newDataFolder();
  const { url } = await join(dataDir);
  expect(statSync(layoutOf(dataDir).password).mode & 0o777).toBe(0o600);
  const forged = new URL(url);
  forged.password = "wrong";
  await expect(query(forged.href, sql => sql`select 1`)).rejects.toMatchObject({ code: "28P01" });
});

test("a server whose program was killed is adopted as it is", async () => {
  const dataDir = newDataFolder();
  const killed = await startSecondProcess(dataDir, binDir);
  expect(killed.startedHere).toBe(true);
  const before = await startTime(killed.url);
  await killed.kill9();
  const heir = await join(dataDir);
  expect(heir).toMatchObject({ startedHere: false, url: killed.url });
  expect(await startTime(heir.url)).toEqual(before);
  await heir.stop();
  expect(serverOf(dataDir)).toBeNull();
});

test("after a crash of program and server what was committed is there", async () => {
  const dataDir = newDataFolder();
  const killed = await startSecondProcess(dataDir, binDir);
  await query(killed.ownerUrl, sql => sql`create table kept as select 42 as answer`);
  await killed.kill9();
  process.kill(serverOf(dataDir)!, "SIGKILL");
  const next = await join(dataDir);
  expect(next).toMatchObject({ startedHere: true, url: killed.url });
  expect(await query(next.ownerUrl, sql => sql`select answer from kept`)).toEqual([{ answer: 42 }]);
});

test("two processes share one server, and the last to leave stops it, whichever started it", async () => {
  const dataDir = newDataFolder();
  const starter = await startSecondProcess(dataDir, binDir);
  const other = await join(dataDir);
  expect([starter.startedHere, other.startedHere]).toEqual([true, false]);
  expect(await starter.stop()).toBe(0);
  expect(await query(other.url, sql => sql`select 1 as one`)).toEqual([{ one: 1 }]);
  await other.stop();
  expect(serverOf(dataDir)).toBeNull();
});

test("of processes that start at once on a new folder one starts the server and all share it", async () => {
  const dataDir = newDataFolder();
  const all = await Promise.all([1, 2, 3].map(() => startSecondProcess(dataDir, binDir)));
  expect(all.filter(each => each.startedHere)).toHaveLength(1);
  expect(new Set(all.map(each => each.url)).size).toBe(1);
  expect(await Promise.all(all.map(each => each.stop()))).toEqual([0, 0, 0]);
  expect(serverOf(dataDir)).toBeNull();
});

test("processes that come while the last one leaves get a server all the same", async () => {
  const dataDir = newDataFolder();
  let leaving = await join(dataDir);
  for (let round = 0; round < 5; round++) {
    const [next] = await Promise.all([join(dataDir), leaving.stop()]);
    expect(await query(next.url, sql => sql`select 1 as one`)).toEqual([{ one: 1 }]);
    leaving = next;
  }
});

test("a server that dies under a living program is started again at the same address", async () => {
  const dataDir = newDataFolder();
  const { url, ownerUrl } = await join(dataDir);
  await query(ownerUrl, sql => sql`create table kept as select 42 as answer`);
  const before = await startTime(url);
  process.kill(serverOf(dataDir)!, "SIGKILL");
  await expect.poll(() => startTime(url).catch(() => before), { timeout: 20_000 }).not.toEqual(before);
  expect(await query(ownerUrl, sql => sql`select answer from kept`)).toEqual([{ answer: 42 }]);
});

test("a port that another program has taken is left to it", async () => {
  const dataDir = newDataFolder();
  const first = await join(dataDir);
  await first.stop();
  const taken = Number(new URL(first.url).port);
  const squatter = net.createServer().listen(taken, "127.0.0.1");
  cleanups.push(() => squatter.close());
  await once(squatter, "listening");
  const second = await join(dataDir);
  expect(new URL(second.url).port).not.toBe(String(taken));
});

test.each(["living", "zombie"])("a lock file that names another program's %s process keeps nobody out", async kind => {
  const dataDir = newDataFolder();
  const { cluster } = layoutOf(dataDir);
  const first = await join(dataDir);
  const file = path.join(cluster, "postmaster.pid");
  const lock = readFileSync(file, "utf8");
  await first.stop();
  writeFileSync(file, lock.replace(/^\d+/, String(await strangersPid(kind))));
  expect(await join(dataDir)).toMatchObject({ startedHere: true });
});

test("a stop that is asked for twice happens once", async () => {
  const embedded = await join(newDataFolder());
  await Promise.all([embedded.stop(), embedded.stop()]);
});

test("data of another major version is refused with the way out", async () => {
  const dataDir = newDataFolder();
  await (await join(dataDir)).stop();
  writeFileSync(path.join(layoutOf(dataDir).cluster, "PG_VERSION"), "9\n");
  await expect(join(dataDir)).rejects.toThrow(/PostgreSQL 9's.*PG_BIN_DIR/);
});

test("a program folder without PostgreSQL is refused with the way out", async () => {
  await expect(startEmbedded({ dataDir: newDataFolder(), binDir: "/", log: silentLog })).rejects.toThrow(
    /DATABASE_URL/,
  );
});

test("a lost password is told, not replaced", async () => {
  const dataDir = newDataFolder();
  await (await join(dataDir)).stop();
  const { password } = layoutOf(dataDir);
  const kept = readFileSync(password);
  await import("node:fs/promises").then(fs => fs.rm(password));
  await expect(join(dataDir)).rejects.toThrow(/password .* missing/);
  expect(existsSync(password)).toBe(false);
  writeFileSync(password, kept);
});

test.runIf(isRoot && process.platform === "linux")(
  "root may keep the data below a folder that only root may enter",
  async () => {
    const dataDir = newDataFolder(0o700);
    const first = await startEmbedded({ dataDir, log: silentLog });
    await query(first.ownerUrl, sql => sql`create table kept as select 42 as answer`);
    process.kill(serverOf(dataDir)!, "SIGKILL");
    expect(await waitForDatabase(first.url, AbortSignal.timeout(20_000), silentLog)).toBe("ready");
    await first.stop();
    const second = await startSecondProcess(dataDir, undefined);
    expect(await query(second.ownerUrl, sql => sql`select answer from kept`)).toEqual([{ answer: 42 }]);
    expect(await second.stop()).toBe(0);
    expect(serverOf(dataDir)).toBeNull();
  },
);

async function join(dataDir: string): Promise<Embedded> {
  const embedded = await startEmbedded({ dataDir, binDir, log: silentLog });
  cleanups.push(() => embedded.stop());
  return embedded;
}

/** Process id of the folder's living server. */
function serverOf(dataDir: string): number | null {
  const { cluster } = layoutOf(dataDir);
  const found = readPostmaster(cluster);
  return found && isLiving(found, cluster) ? found.pid : null;
}

async function query<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = connectHot(url, { applicationName: "hakika test", max: 1 });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 0 });
  }
}

async function startTime(url: string): Promise<unknown> {
  const [row] = await query(url, sql => sql`select pg_postmaster_start_time()::text as at`);
  return row?.at;
}

/** A process of the server's account that is no server; PostgreSQL itself takes any such for a living server. */
async function strangersPid(kind: string): Promise<number> {
  const command = kind === "living" ? "echo $$; exec sleep 600" : "sleep 0 & echo $!; exec sleep 600";
  const child: ChildProcess = spawn("/bin/sh", ["-c", command], {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: "/",
    ...runAs(serverAccount()),
  });
  cleanups.push(() => child.kill("SIGKILL"));
  const line = await createInterface({ input: child.stdout! })[Symbol.asyncIterator]().next();
  return Number(line.value);
}
