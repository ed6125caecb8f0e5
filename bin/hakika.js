#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

// V8 lets the old part of the heap grow to about four times what lives there before it collects it. What lives here is small and
// steady, what passes through is much: at twice the process stays below 200 MB at full load (measured: 191 against 245 MB, for a tenth
// more CPU; half as much again costs a third more).
setFlagsFromString("--heap-growing-percent=100");

// Where an install ran no scripts, dist/ is missing: it is built once.
const built = new URL("../dist/cli/main.js", import.meta.url);
if (!existsSync(built)) {
  const builder = fileURLToPath(new URL("build.js", import.meta.url));
  const { status } = spawnSync(process.execPath, [builder], { stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(1);
}
const { run } = await import(built.href);
await run(process.argv);
