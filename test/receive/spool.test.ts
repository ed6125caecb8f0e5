import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type FileHandle, open as openFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RecordBatch } from "../../src/receive/store/callback-record.ts";
import { openSpool as open } from "../../src/receive/store/spool.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { testVault } from "../support/test-vault.ts";
import { record } from "./callback-record.ts";

let dataDir: string;
let folder: string;
beforeEach(() => {
  dataDir = newDataFolder();
  folder = path.join(dataDir, "spool");
});

const opened: ReturnType<typeof open>[] = [];
afterEach(async () => {
  for (const spool of opened.splice(0)) await spool.close();
});
function openSpool(inFolder: string): ReturnType<typeof open> {
  const spool = open(inFolder, testVault());
  opened.push(spool);
  return spool;
}

let made = 0;
const batch = (...keys: string[]): RecordBatch => ({
  batchId: `01a1fb4c-6f1d-7007-9d8f-${String(made++).padStart(12, "0")}`,
  rows: keys.map(key => ({ record: record(key), copies: 2 })),
});
const files = () => readdirSync(folder);

async function drained(spool: ReturnType<typeof open>): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  await spool.drain(async one => void batches.push(one));
  return batches;
}

test("any process drains the appended batches unchanged and in order, and then they are gone", async () => {
  const spool = openSpool(dataDir);
  const odd = batch("a line separator \u2028 and \u2029 and \n and \r and \ud83d\ude00");
  odd.rows[0]!.record.body = Buffer.from([0, 10, 255, 13, 34]);
  odd.rows[0]!.record.quarantine = [{ path: "a", message: "b" }];
  const all = [batch("a", "b"), odd, batch("c")];
  for (const one of all) await spool.append(one);
  expect(spool.bytes()).toBeGreaterThan(0);
  await spool.close();
  const next = openSpool(dataDir);
  expect(next.bytes()).toBe(spool.bytes());
  expect(await drained(next)).toEqual(all);
  expect([files(), next.bytes(), await drained(next)]).toEqual([[], 0, []]);
});

test("a batch appended during a drain is in the next drain", async () => {
  const spool = openSpool(dataDir);
  await spool.append(batch("a"));
  const seen: string[] = [];
  const write = async (one: RecordBatch) => {
    seen.push(...one.rows.map(row => row.record.key));
    if (seen.length === 1) await spool.append(batch("b"));
  };
  expect(await spool.drain(write)).toBe(1);
  expect(await spool.drain(write)).toBe(1);
  expect(await spool.drain(write)).toBe(0);
  expect(seen).toEqual(["a", "b"]);
});

test("a failure stops the drain; the next one continues after the written batches, in order", async () => {
  const spool = openSpool(dataDir);
  for (const key of ["a", "b", "c", "d"]) await spool.append(batch(key));
  const seen: string[] = [];
  const failing = spool.drain(async one => {
    if (one.rows[0]!.record.key === "c") throw new Error("gone");
    seen.push(one.rows[0]!.record.key);
  });
  await expect(failing).rejects.toThrow("gone");
  seen.push(...(await drained(spool)).map(one => one.rows[0]!.record.key));
  expect(seen).toEqual(["a", "b", "c", "d"]);
  expect(files()).toEqual([]);
});

test("regression: a missing database socket is not mistaken for a file that another process claimed", async () => {
  const spool = openSpool(dataDir);
  await spool.append(batch("a"));
  const failure = Object.assign(new Error("connect ENOENT /run/postgresql/.s.PGSQL.5432"), { code: "ENOENT" });
  await expect(spool.drain(() => Promise.reject(failure))).rejects.toBe(failure);
  expect((await drained(spool)).map(one => one.rows[0]!.record.key)).toEqual(["a"]);
});

test("the half line of a crash is skipped, and the lines before it are not", async () => {
  const dead = openSpool(dataDir);
  await dead.append(batch("a"));
  await dead.close();
  appendFileSync(path.join(folder, files()[0]!), '{"batchId":"01a1fb4c","rows":[{"rec');
  expect((await drained(openSpool(dataDir))).map(one => one.rows[0]!.record.key)).toEqual(["a"]);
  expect(files()).toEqual([]);
});

test("a damaged line costs no other line, and its file is kept for an operator", async () => {
  const dead = openSpool(dataDir);
  await dead.append(batch("a"));
  await dead.close();
  const file = path.join(folder, files()[0]!);
  writeFileSync(file, `not json\n${readFileSync(file, "utf8")}`);
  const spool = openSpool(dataDir);
  expect((await drained(spool)).map(one => one.rows[0]!.record.key)).toEqual(["a"]);
  expect(files()).toEqual([expect.stringMatching(/\.damaged$/)]);
  expect(await drained(spool)).toEqual([]);
});

test("a line of the version before methods and queries were kept is a POST without a query", async () => {
  const spool = openSpool(dataDir);
  const get = batch("a");
  Object.assign(get.rows[0]!.record, { method: "GET", query: "id=1" });
  await spool.append(get);
  await spool.close();
  const file = path.join(folder, files()[0]!);
  const first = readFileSync(file, "utf8").trim();
  expect(first).not.toContain(Buffer.from("a body").toString("base64"));
  const { batchId, rows } = batch("b");
  const { method: _, query: _q, digest, body, ...record } = rows[0]!.record;
  const old = { ...record, digest: digest.toString("base64"), body: body.toString("base64") };
  writeFileSync(file, `${first}\n${JSON.stringify({ batchId, rows: [{ copies: 1, record: old }] })}\n`);
  const records = (await drained(openSpool(dataDir))).map(one => one.rows[0]!.record);
  expect(records.map(({ method, query }) => [method, query])).toEqual([
    ["GET", "id=1"],
    ["POST", ""],
  ]);
});

test("a process whose file another one drains loses nothing: it writes the line into a new file", async () => {
  const [one, other] = [openSpool(dataDir), openSpool(dataDir)];
  await one.append(batch("a"));
  // Claimed by another process, which is reading it.
  const [name] = files();
  renameSync(path.join(folder, name!), path.join(folder, `${name!.split(".")[0]}.taken.ndjson`));
  await one.append(batch("b"));
  const seen = (await drained(other)).map(got => got.rows[0]!.record.key);
  // `b` may be in both files: writing it twice is harmless, losing it is not.
  expect(new Set(seen)).toEqual(new Set(["a", "b"]));
  await one.append(batch("c"));
  expect((await drained(other)).map(got => got.rows[0]!.record.key)).toEqual(["c"]);
});

test("regression: two processes that append and drain at once lose nothing", async () => {
  const spools = [openSpool(dataDir), openSpool(dataDir)];
  const seen = new Set<string>();
  const write = async (one: RecordBatch) => {
    for (const row of one.rows) seen.add(row.record.key);
  };
  let isOver = false;
  const draining = spools.map(async spool => {
    // Draining an empty spool waits for no I/O: the appenders need a turn of the event loop.
    for (; !isOver; await new Promise(resolve => setImmediate(resolve))) await spool.drain(write);
  });
  await Promise.all(
    spools.map(async (spool, who) => {
      for (let n = 0; n < 150; n += 1) await spool.append(batch(`${who}-${n}`));
    }),
  );
  isOver = true;
  await Promise.all(draining);
  for (const spool of spools) await spool.drain(write);
  expect(seen.size).toBe(300);
  expect(files()).toEqual([]);
});

/** Makes writes through file handles fail half-way, as on a full disk, until the returned spy is restored. */
async function fullDisk(inFolder: string) {
  const handle = await openFile(inFolder);
  const handles: FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  const append = handles.appendFile;
  return vi.spyOn(handles, "appendFile").mockImplementation(async function (this: FileHandle, data) {
    await append.call(this, (data as Buffer).subarray(0, 20));
    throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
  });
}

test("a full disk refuses a line without leaving half of it, and takes lines again later", async () => {
  const spool = openSpool(dataDir);
  await spool.append(batch("a"));
  const disk = await fullDisk(folder);
  await expect(spool.append(batch("b"))).rejects.toThrow("no space left");
  disk.mockRestore();
  await spool.append(batch("c"));
  expect((await drained(spool)).map(one => one.rows[0]!.record.key)).toEqual(["a", "c"]);
});

test("a missing folder refuses a line", async () => {
  const spool = openSpool(dataDir);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, "");
  await expect(spool.append(batch("a"))).rejects.toThrow();
  rmSync(folder);
  mkdirSync(folder);
  await spool.append(batch("b"));
  expect(await drained(spool)).toHaveLength(1);
});

test("a batch that is set aside stays, and no drain reads it", async () => {
  const spool = openSpool(dataDir);
  await spool.setAside(batch("a"));
  await spool.setAside(batch("b"));
  expect(await drained(spool)).toEqual([]);
  const [name] = files();
  expect(readFileSync(path.join(folder, name!), "utf8").trim().split("\n")).toHaveLength(2);
});
