import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { parseSecretKeys, type SecretKey } from "../database/secret-keys.ts";
import type { Config } from "./config.ts";

export type Keys = {
  adminKey: string;
  /** True only in the process that made the key, which shows it. */
  adminKeyIsNew: boolean;
  /** The first key encrypts. */
  secretKeys: SecretKey[];
};

/**
 * The keys of the configuration. A key that it leaves out is read from `admin.key` or `secret.key` (0600) under
 * `dataDir`, and made at the first start. Processes that start at once agree on one key. Throws where a file cannot be
 * written or does not hold a key, and where the secret key is missing that may not be made (`makesSecretKey`).
 */
export function ensureGeneratedKeys(
  config: Pick<Config, "dataDir" | "adminKey" | "secretKeys">,
  { makesSecretKey = true }: { makesSecretKey?: boolean } = {},
): Keys {
  let { adminKey, secretKeys } = config;
  let adminKeyIsNew = false;
  if (secretKeys === null) {
    const path = join(config.dataDir, "secret.key");
    if (!makesSecretKey && readKept(path) === null) throw lost(path);
    // The id is random too: if the file is lost and a new key made, values sealed by the lost key name a missing key.
    const kept = keepOnce(path, () => `${randomBytes(4).toString("hex")}:${randomBytes(32).toString("base64")}`);
    secretKeys = parseSecretKeys(kept.text);
    if (secretKeys === null) throw unreadable(path);
  }
  if (adminKey === null) {
    const path = join(config.dataDir, "admin.key");
    const kept = keepOnce(path, () => `hka_${randomBytes(32).toString("base64url")}`);
    adminKey = kept.text;
    adminKeyIsNew = kept.isNew;
    if (!/^[\x21-\x7e]{32,}$/.test(adminKey)) throw unreadable(path);
  }
  return { adminKey, adminKeyIsNew, secretKeys };
}

function lost(path: string): Error {
  return new Error(
    `${path} is gone, and the database has values that it sealed: put it back from a backup. No other key opens ` +
      "them, so none is made",
  );
}

function unreadable(path: string): Error {
  return new Error(`${path} does not hold a key: restore it from a backup, or remove it to have a new key made`);
}

/** The text of a file. The first process makes the file, completely or not at all. */
function keepOnce(path: string, make: () => string): { text: string; isNew: boolean } {
  const present = readKept(path);
  if (present !== null) return { text: present, isNew: false };
  mkdirSync(join(path, ".."), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  const text = make();
  try {
    writeSynced(temporary, text);
    const isNew = publish(temporary, path);
    syncDirectory(join(path, ".."));
    return { text: readKept(path) ?? text, isNew };
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Whether this process's file was taken. A link, unlike a rename, never replaces a file that exists. */
function publish(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // Without hard links (FAT, some network folders) the last rename of two simultaneous first starts wins.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS" && code !== "EOPNOTSUPP") throw error;
    renameSync(temporary, path);
    return true;
  }
}

function readKept(path: string): string | null {
  try {
    if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, `${text}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Windows cannot open a directory; the file's own sync has to be enough there. */
function syncDirectory(path: string): void {
  if (process.platform === "win32") return;
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
