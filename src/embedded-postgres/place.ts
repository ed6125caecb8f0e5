import { chmodSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Logger } from "pino";
import type { SystemAccount } from "./account.ts";
import { type Binaries, binariesPackage, probeBinaries } from "./binaries.ts";
import { installBinaries } from "./install.ts";
import type { Layout } from "./layout.ts";
import { canEnter } from "./reach.ts";

/** Folders for the copy where the one beside the data cannot be entered by the server's account (root's home, say). */
const publicPlaces = ["/var/cache/hakika", path.join(os.tmpdir(), "hakika")] as const;

const copyPrefix = "postgresql-";

/** PostgreSQL's programs, ready to run: those of `binDir`, or a copy of the package's beside the data. */
export function readyBinaries(
  layout: Layout,
  binDir: string | undefined,
  account: SystemAccount,
  log: Logger,
): Binaries {
  if (binDir !== undefined) return probeBinaries(path.resolve(binDir), account);
  const source = binariesPackage();
  const problems: string[] = [];
  for (const place of placesFor(layout, account)) {
    try {
      makePlace(place, layout);
      const binaries = probeBinaries(installBinaries(source, path.join(place, copyPrefix + source.version)), account);
      if (place === layout.home) removeOtherCopies(place, source.version);
      else
        log.info(
          { place, user: account?.name },
          "PostgreSQL's programs lie outside of the data folder: its user may not enter that",
        );
      return binaries;
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(problems.join("\n"));
}

function placesFor(layout: Layout, account: SystemAccount): readonly string[] {
  return canEnter(layout.home, account) ? [layout.home] : publicPlaces;
}

function makePlace(place: string, layout: Layout): void {
  if (place === layout.home) return;
  mkdirSync(place, { recursive: true });
  chmodSync(place, 0o755);
}

// Called only while no server runs on this data, so the copies of earlier versions are not in use.
function removeOtherCopies(place: string, version: string): void {
  for (const name of readdirSync(place)) {
    if (!name.startsWith(copyPrefix) || name === copyPrefix + version) continue;
    rmSync(path.join(place, name), { recursive: true, force: true });
  }
}
