#!/usr/bin/env node
// Writes the software bill of materials of a production install (CycloneDX 1.5, by npm sbom): every package of the lock
// file, for all platforms, with its licence and checksum. The lock file is enough; nothing needs to be installed.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const [output = "sbom.cdx.json"] = process.argv.slice(2);

const read = file => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), "utf8"));
const { devDependencies: _ofManifest, workspaces: _, ...manifest } = read("package.json");
const lock = read("package-lock.json");
const { devDependencies: _ofLock, workspaces: __, ...project } = lock.packages[""];
// The client is a package of its own, and needs none.
const production = Object.entries(lock.packages).filter(
  ([folder, { dev, link }]) => folder.includes("node_modules/") && !dev && !link,
);

// `npm sbom --omit=dev` (npm 11.19) leaves out production packages that development packages need too, so npm gets a
// lock file without development packages. The folder's name becomes the project's name in the document.
const parent = mkdtempSync(path.join(os.tmpdir(), "sbom-"));
try {
  const folder = path.join(parent, manifest.name);
  mkdirSync(folder);
  const write = (file, content) => writeFileSync(path.join(folder, file), JSON.stringify(content));
  write("package.json", manifest);
  write("package-lock.json", { ...lock, packages: Object.fromEntries([["", project], ...production]) });
  writeFileSync(
    output,
    npm(folder, "sbom", "--package-lock-only", "--sbom-format=cyclonedx", "--sbom-type=application"),
  );
  console.log(`${output}: ${production.length} packages`);
} finally {
  rmSync(parent, { recursive: true });
}

/** What npm prints for a command in a folder. */
function npm(cwd, ...args) {
  const options = { cwd, stdio: ["ignore", "pipe", "inherit"] };
  const { npm_execpath: script } = process.env;
  if (script?.endsWith("npm-cli.js")) return execFileSync(process.execPath, [script, ...args], options);
  return execFileSync("npm", args, { ...options, shell: process.platform === "win32" });
}
