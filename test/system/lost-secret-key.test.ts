import { existsSync, renameSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { runHakika } from "../cli/run-hakika.ts";
import { startProgram, withoutServer } from "../docs/started.ts";

test("regression: a start whose secret.key was lost ends, says what to do, makes no other key, and serves once the key is back", async () => {
  const first = await startProgram();
  await first.stop();
  const file = path.join(first.dataDir, "secret.key");
  renameSync(file, `${file}.lost`);
  const env = { ...withoutServer(), HAKIKA_DATA_DIR: first.dataDir, PORT: "0" } as Record<string, string>;
  const { code, err } = await runHakika(["start"], env);
  expect([code, err]).toEqual([1, expect.stringMatching(/secret\.key is gone.*from a backup/)]);
  expect(existsSync(file)).toBe(false);
  renameSync(`${file}.lost`, file);
  expect((await runHakika(["doctor", "--json"], env)).out).toMatch(/"healthy": true/);
});
