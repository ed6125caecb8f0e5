import { chmodSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, inject, test } from "vitest";
import { loadConfig } from "../../src/app/config.ts";
import { closeDataFolder } from "../../src/app/data-folder-mode.ts";
import { newAdminKey } from "../../src/cli/start.ts";

const folder = () => mkdtempSync(path.join(inject("runFolder"), "files-"));

function fileWith(text: string): string {
  const file = path.join(folder(), "value");
  writeFileSync(file, text);
  return file;
}

const key = "hka_0123456789-0123456789-0123456789";
const secret = Buffer.alloc(32, 5).toString("base64");

test("keys and the database's address come from files, without the newline at their end", () => {
  const loaded = loadConfig({
    DATABASE_URL_FILE: fileWith("postgres://u:p@db/hakika\n"),
    HAKIKA_ADMIN_KEY_FILE: fileWith(`${key}\r\n`),
    HAKIKA_SECRET_KEY_FILE: fileWith(secret),
  });
  if (!loaded.ok) throw new Error(loaded.problems.join());
  expect(loaded.config).toMatchObject({ databaseUrl: "postgres://u:p@db/hakika", adminKey: key, warnings: [] });
  expect(loaded.config.secretKeys?.[0]?.key).toEqual(Buffer.alloc(32, 5));
});

test("a value and its file together, a missing file and an empty one stop the start, each by its name", () => {
  const loaded = loadConfig({
    HAKIKA_ADMIN_KEY: key,
    HAKIKA_ADMIN_KEY_FILE: fileWith(key),
    HAKIKA_SECRET_KEY_FILE: path.join(folder(), "none"),
    DATABASE_URL_FILE: fileWith("\n"),
  });
  const problems = loaded.ok ? [] : loaded.problems;
  expect(problems).toEqual([
    expect.stringMatching(/^DATABASE_URL_FILE: the file is empty/),
    expect.stringMatching(/^HAKIKA_ADMIN_KEY: is set, and so is HAKIKA_ADMIN_KEY_FILE/),
    expect.stringMatching(/^HAKIKA_SECRET_KEY_FILE: the file cannot be read \(ENOENT\)/),
  ]);
  expect(problems.join()).not.toContain(key);
});

test("regression: a data folder that others may enter is closed at the start", () => {
  const dataDir = folder();
  chmodSync(dataDir, 0o777);
  closeDataFolder({ dataDir, databaseUrl: "postgres://db/hakika" });
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  chmodSync(dataDir, 0o755);
  closeDataFolder({ dataDir, databaseUrl: null });
  expect(statSync(dataDir).mode & 0o777).toBe(process.getuid?.() === 0 ? 0o711 : 0o700);
});

test("regression: a new admin key is shown on a terminal alone, elsewhere the file that has it", () => {
  expect(newAdminKey(key, "/data", true)).toMatchObject({
    text: expect.stringContaining(key),
    json: { admin_key: key },
  });
  const elsewhere = newAdminKey(key, "/data", false);
  expect(JSON.stringify(elsewhere)).not.toContain(key);
  expect(elsewhere).toEqual({ text: "in /data/admin.key", json: { admin_key_file: "/data/admin.key" } });
});
