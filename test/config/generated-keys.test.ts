import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureGeneratedKeys } from "../../src/app/generated-keys.ts";
import { parseSecretKeys } from "../../src/database/secret-keys.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "hakika-keys-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const nothingSet = () => ({ dataDir: join(dataDir, "new"), adminKey: null, secretKeys: null });

test("keys are made by the first start, which alone says that they are new", () => {
  const first = ensureGeneratedKeys(nothingSet());
  const second = ensureGeneratedKeys(nothingSet());
  expect(first.adminKeyIsNew).toBe(true);
  expect(second).toEqual({ ...first, adminKeyIsNew: false });
  expect(first.adminKey.length).toBeGreaterThanOrEqual(32);
  expect(first.secretKeys[0]?.key).toHaveLength(32);
});

test("only their owner can read the key files, and no other file is left behind", () => {
  ensureGeneratedKeys(nothingSet());
  const files = readdirSync(join(dataDir, "new")).sort();
  expect(files).toEqual(["admin.key", "secret.key"]);
  for (const file of files) expect(statSync(join(dataDir, "new", file)).mode & 0o777).toBe(0o600);
});

test("a key file that others could read becomes readable by its owner alone", () => {
  writeFileSync(join(dataDir, "admin.key"), "a".repeat(40), { mode: 0o644 });
  expect(ensureGeneratedKeys({ ...nothingSet(), dataDir }).adminKey).toBe("a".repeat(40));
  expect(statSync(join(dataDir, "admin.key")).mode & 0o777).toBe(0o600);
});

test("configured keys write no file", () => {
  const secretKeys = [{ id: "1", key: Buffer.alloc(32, 7) }];
  const keys = ensureGeneratedKeys({ dataDir, adminKey: "x".repeat(32), secretKeys });
  expect(keys).toEqual({ adminKey: "x".repeat(32), adminKeyIsNew: false, secretKeys });
  expect(readdirSync(dataDir)).toEqual([]);
});

test("a damaged key file stops the start instead of being replaced", () => {
  writeFileSync(join(dataDir, "secret.key"), "torn");
  expect(() => ensureGeneratedKeys({ ...nothingSet(), dataDir })).toThrow(/secret\.key does not hold a key/);
});

test("processes that start at once agree on the keys, and one of them shows the admin key", async () => {
  const script = `
    import { ensureGeneratedKeys } from ${JSON.stringify(new URL("../../src/app/generated-keys.ts", import.meta.url).href)};
    const keys = ensureGeneratedKeys({ dataDir: ${JSON.stringify(dataDir)}, adminKey: null, secretKeys: null });
    console.log(JSON.stringify([keys.adminKey, keys.secretKeys[0].key.toString("hex"), keys.adminKeyIsNew]));`;
  const started = Array.from({ length: 4 }, () =>
    promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]),
  );
  const told = (await Promise.all(started)).map(({ stdout }) => JSON.parse(stdout) as [string, string, boolean]);
  expect(new Set(told.map(([admin, secret]) => `${admin} ${secret}`)).size).toBe(1);
  expect(told.filter(([, , isNew]) => isNew)).toHaveLength(1);
});

test("a key without an id has the id 1; a list keeps its order", () => {
  const key = Buffer.alloc(32, 1);
  expect(parseSecretKeys(key.toString("base64"))).toEqual([{ id: "1", key }]);
  expect(parseSecretKeys(`b:${key.toString("base64url")}, a:${key.toString("base64")}`)?.map(each => each.id)).toEqual([
    "b",
    "a",
  ]);
  for (const wrong of ["", "b:", ":x", "a b:c", `a:${key.toString("base64")},`])
    expect(parseSecretKeys(wrong)).toBeNull();
});

test("regression: a lost secret key is not replaced where the database has sealed values", () => {
  const config = { ...nothingSet(), adminKey: "x".repeat(32) };
  expect(() => ensureGeneratedKeys(config, { makesSecretKey: false })).toThrow(/secret\.key is gone.*from a backup/);
  const made = ensureGeneratedKeys(config);
  expect(ensureGeneratedKeys(config, { makesSecretKey: false })).toEqual(made);
});
