// Bundles src/ into dist/, with --types also its declarations. --optional: without the bundler, which is a development
// package, the command does nothing and succeeds.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const require = createRequire(import.meta.url);

function find(name) {
  try {
    return require.resolve(name);
  } catch {
    return null;
  }
}

const bundler = find("esbuild/bin/esbuild");
if (bundler === null && process.argv.includes("--optional")) process.exit(0);
if (bundler === null || !existsSync(bundler)) throw new Error("esbuild is a development package: run npm ci");
run(
  bundler,
  "src/index.ts",
  "--bundle",
  "--outfile=dist/index.js",
  "--platform=node",
  "--target=node20",
  "--format=esm",
  "--log-level=warning",
);
if (process.argv.includes("--types")) run(find("typescript/bin/tsc") ?? "", "-p", "tsconfig.json");

function run(...command) {
  const { status } = spawnSync(process.execPath, command, { cwd: here, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(1);
}
