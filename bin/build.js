#!/usr/bin/env node
// Compiles src/ to dist/. --if-stale: only where dist/ is not the build of these sources. --optional: without the
// compiler, which is a development package, the command does nothing and succeeds, so that an install without
// development packages is whole.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const main = path.join(root, "dist/cli/main.js");
const stamp = path.join(root, "dist/.built-from");
const compiler = path.join(root, "node_modules/typescript/bin/tsc");

const { values: options } = parseArgs({ options: { "if-stale": { type: "boolean" }, optional: { type: "boolean" } } });
if (!(options["if-stale"] && isCurrent()) && !build()) process.exitCode = 1;

/** Whether `dist/` is the build of these sources. A folder without sources, like the image's, has nothing to build. */
function isCurrent() {
  if (!existsSync(main)) return false;
  if (!existsSync(path.join(root, "src"))) return true;
  return existsSync(stamp) && readFileSync(stamp, "utf8") === sourcesDigest();
}

/** False where the compiler finds errors, or is missing and not optional. */
function build() {
  if (!existsSync(compiler)) {
    if (options.optional) return true;
    const state = existsSync(main) ? "was built from other sources" : "is missing";
    console.error(`dist/ ${state}, and the compiler is a development package: run npm ci without --omit=dev.`);
    return false;
  }
  const digest = sourcesDigest();
  rmSync(stamp, { force: true });
  const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (status === 0) writeFileSync(stamp, digest);
  return status === 0;
}

// Contents, not times: checkouts, copies and the caches of build servers set times as they like. 500 files take about
// 40 ms.
function sourcesDigest() {
  const sources = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
    .map(name => path.join("src", name))
    .filter(file => /\.(tsx?|json)$/.test(file))
    .sort();
  const hash = createHash("sha256");
  for (const file of [...sources, "tsconfig.json", "tsconfig.build.json", "package-lock.json"]) {
    hash.update(`${file}\0`).update(readFileSync(path.join(root, file)));
  }
  return hash.digest("hex");
}
