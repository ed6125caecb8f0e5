import { cpSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { restoreBackup } from "../../src/database/backup/restore.ts";
import { migrationsFolder } from "../../src/database/migrate.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, request, startTestHakika, testEnvironment } from "../support/hakika.ts";
import { runHakika } from "./run-hakika.ts";

const minutes = 60_000;
const folder = () => mkdtempSync(path.join(inject("runFolder"), "backup-"));

let source: TestDatabase;
let env: Record<string, string>;
let merchantKey: string;
let file: string;
let made: { rows: number; tables: Record<string, number> };

beforeAll(async () => {
  source = await testDatabase();
  env = testEnvironment(source.url);
  const played = await runHakika(["simulate", "kyanda", "payout-success"], env);
  expect(played).toMatchObject({ code: 0, err: "" });
  const running = await startTestHakika(source.url, { env });
  const [{ id }] = (await api(running, "GET", "/v1/merchants")).data;
  merchantKey = (await api(running, "POST", `/v1/merchants/${id}/api-keys`, { name: "main" })).key;
  await running.stop();
  file = path.join(folder(), "hakika.backup");
  const { code, out, err } = await runHakika(["backup", file, "--json"], env);
  expect([code, err]).toEqual([0, ""]);
  made = JSON.parse(out);
}, 2 * minutes);
afterAll(() => source?.drop());

/** An empty database, as an owner makes one for a restore. */
async function emptyDatabase(): Promise<TestDatabase> {
  const database = await testDatabase();
  await database.sql.unsafe("drop schema public cascade; drop schema drizzle cascade; create schema public");
  return database;
}

test("a backup has every row and no key, and is for its owner's eyes", async () => {
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const counted = await source.sql<{ count: bigint }[]>`
    select (select count(*) from events) + (select count(*) from callback_bodies) as count`;
  const { tables } = made;
  const bodies = Object.entries(tables).filter(([name]) => name.startsWith("callback_bodies"));
  expect(tables.events! + bodies.reduce((sum, [, rows]) => sum + rows, 0)).toBe(Number(counted[0]!.count));
  expect([tables.audit, tables.merchants]).toEqual([expect.any(Number), 1]);
  expect(tables).not.toHaveProperty("console_sessions");
  const text = gunzipSync(readFileSync(file)).toString();
  for (const key of [env.HAKIKA_ADMIN_KEY!, env.HAKIKA_SECRET_KEY!, merchantKey, "whsec_"]) {
    expect(text).not.toContain(key);
  }
  const again = await runHakika(["backup", file], env);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining("EEXIST")]);
});

test("a restore into an empty database is whole: doctor is satisfied, keys and callback URLs work on", {
  timeout: 2 * minutes,
}, async () => {
  const database = await emptyDatabase();
  try {
    const restored = { ...env, DATABASE_URL: database.url };
    const { code, out, err } = await runHakika(["restore", file, "--json"], restored);
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toEqual({ rows: made.rows, tables: made.tables });
    expect(await runHakika(["doctor"], restored)).toMatchObject({ code: 0 });
    const running = await startTestHakika(database.url, { env: restored });
    try {
      const headers = { authorization: `Bearer ${merchantKey}` };
      const { json } = await request("GET", `${running.url}/v1/transactions`, undefined, headers);
      expect(json.data).toMatchObject([{ status: "completed" }]);
    } finally {
      await running.stop();
    }
    const second = await runHakika(["restore", file], restored);
    expect([second.code, second.err]).toEqual([1, expect.stringContaining("restore into an empty one")]);
  } finally {
    await database.drop();
  }
});

test("a backup of an older version is migrated, and one of a newer version is refused", async () => {
  const database = await emptyDatabase();
  try {
    const newer = path.join(folder(), "migrations");
    cpSync(migrationsFolder, newer, { recursive: true });
    const journalFile = path.join(newer, "meta/_journal.json");
    const journal = JSON.parse(readFileSync(journalFile, "utf8"));
    const last = journal.entries.at(-1);
    journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1, tag: "9999_next" });
    writeFileSync(journalFile, JSON.stringify(journal));
    writeFileSync(path.join(newer, "9999_next.sql"), `alter table "merchants" add column "next" integer default 7;`);
    await restoreBackup(database.url, file, newer);
    expect(await database.sql`select next from merchants`).toEqual([{ next: 7 }]);
    const other = rewritten(text => text.replace(/"migration":\d+/, `"migration":${last.when + 9}`));
    await expect(restoreBackup(database.url, other)).rejects.toThrow("this program does not know");
  } finally {
    await database.drop();
  }
});

test("a damaged or shortened backup is refused before the database is asked", async () => {
  const nowhere = "postgres://nobody@127.0.0.1:1/none";
  const cut = path.join(folder(), "cut");
  const bytes = readFileSync(file);
  writeFileSync(cut, bytes.subarray(0, bytes.length - 40));
  await expect(restoreBackup(nowhere, cut)).rejects.toThrow(/no whole backup/);
  const noEnd = rewritten(text => text.slice(0, text.lastIndexOf("-- rows")));
  await expect(restoreBackup(nowhere, noEnd)).rejects.toThrow("its end is missing");
  const fewer = rewritten(text => text.replace(/(copy "events" .*\n)[^\n]*\n/, "$1"));
  await expect(restoreBackup(nowhere, fewer)).rejects.toThrow("lacks rows of events");
  await expect(
    restoreBackup(
      nowhere,
      rewritten(() => "select 1;\n"),
    ),
  ).rejects.toThrow("no header");
});

function rewritten(change: (text: string) => string): string {
  const other = path.join(folder(), "changed");
  writeFileSync(other, gzipSync(change(gunzipSync(readFileSync(file)).toString("latin1")), { level: 1 }));
  return other;
}
