import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { SystemAccount } from "./account.ts";
import { type Binaries, executable } from "./binaries.ts";
import type { Layout } from "./layout.ts";
import { nameForServer } from "./reach.ts";
import { runToEnd } from "./run.ts";

export const superuser = "hakika";

const draftPrefix = "initdb-";
/** An `initdb` takes about a second; a draft this old was left by one that was killed. */
const draftAgeMaxMs = 10 * 60_000;

/**
 * Makes sure that a cluster exists that these binaries can serve, owned by the account; else throws, and the message
 * says what to do.
 */
export function initializeCluster(layout: Layout, binaries: Binaries, account: SystemAccount, password: string): void {
  removeOldDrafts(layout.home);
  if (!existsSync(path.join(layout.cluster, "PG_VERSION"))) createCluster(layout, binaries, account, password);
  checkVersion(layout.cluster, binaries);
  takeOwnership(layout.cluster, account);
}

// Beside the place and then renamed: a killed initdb leaves no half cluster, and of two at once one wins.
function createCluster(layout: Layout, binaries: Binaries, account: SystemAccount, password: string): void {
  const draft = path.join(layout.home, `${draftPrefix}${randomBytes(6).toString("hex")}`);
  const cluster = path.join(draft, "data");
  for (const folder of [draft, cluster]) {
    mkdirSync(folder, { mode: 0o700 });
    changeOwner(folder, account);
  }
  writeFileSync(path.join(draft, "password"), password, { mode: 0o600 });
  changeOwner(path.join(draft, "password"), account);
  runInitdb(cluster, binaries, account);
  moveIntoPlace(cluster, layout.cluster);
  rmSync(draft, { recursive: true, force: true });
}

function runInitdb(cluster: string, binaries: Binaries, account: SystemAccount): void {
  const options = [
    ...["-D", nameForServer(cluster, account), "-U", superuser, "--pwfile=../password", "--auth=scram-sha-256"],
    ...["--locale=C", "--encoding=UTF8", "--no-instructions"],
  ];
  const program = path.join(binaries.bin, executable("initdb"));
  const { status, stdout, stderr, error } = runToEnd(program, options, cluster, account);
  if (status === 0) return;
  rmSync(path.dirname(cluster), { recursive: true, force: true });
  throw new Error(`initdb failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}

function moveIntoPlace(draft: string, cluster: string): void {
  try {
    renameSync(draft, cluster);
  } catch (error) {
    if (existsSync(path.join(cluster, "PG_VERSION"))) return;
    if (existsSync(cluster)) throw new Error(`${cluster} is in the way: it is not empty and holds no PostgreSQL data.`);
    throw error;
  }
}

function checkVersion(cluster: string, binaries: Binaries): void {
  const major = readFileSync(path.join(cluster, "PG_VERSION"), "utf8").trim();
  if (major === String(binaries.major)) return;
  throw new Error(
    `The data in ${cluster} is PostgreSQL ${major}'s, the programs in ${binaries.bin} are ${binaries.version}. ` +
      `Set PG_BIN_DIR to the programs of PostgreSQL ${major}, or dump the data with those and restore it.`,
  );
}

// Restored data, or data made under another account, changes its owner as a whole.
function takeOwnership(cluster: string, account: SystemAccount): void {
  if (account === null || statSync(cluster).uid === account.uid) return;
  for (const entry of readdirSync(cluster, { recursive: true, encoding: "utf8" }))
    changeOwner(path.join(cluster, entry), account);
  changeOwner(cluster, account);
  chmodSync(cluster, 0o700);
}

function removeOldDrafts(home: string): void {
  for (const name of readdirSync(home)) {
    const draft = path.join(home, name);
    if (!name.startsWith(draftPrefix) || Date.now() - statSync(draft).mtimeMs < draftAgeMaxMs) continue;
    rmSync(draft, { recursive: true, force: true });
  }
}

function changeOwner(entry: string, account: SystemAccount): void {
  if (account !== null) chownSync(entry, account.uid, account.gid);
}
