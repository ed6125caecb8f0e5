import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "./sources.ts";

type LockedPackage = { version: string; resolved?: string; integrity?: string };

const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
  packages: Record<string, LockedPackage>;
};

/** Every package of the lock file with its folder; the first entry, `""`, is the project itself. */
const locked = Object.entries(lock.packages).filter(([folder]) => folder !== "");

test("regression: every package of the lock file has a SHA-512 checksum, so a registry cannot hand out other bytes", () => {
  const unchecked = locked.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""));
  expect(unchecked.map(([folder]) => folder)).toEqual([]);
  expect(locked.length).toBeGreaterThan(0);
});

test("the lock file leaves the choice of the registry to npm's configuration, or names one for all packages", () => {
  const hosts = new Set(locked.flatMap(([, { resolved }]) => (resolved === undefined ? [] : [new URL(resolved).host])));
  expect([...hosts].slice(1)).toEqual([]);
});
