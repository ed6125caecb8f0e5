import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { isLiving, readPostmaster } from "../../src/embedded-postgres/postmaster.ts";

const prefix = "hakika-tests-";
const ownerFile = "owner";

/** A new folder for one run of the suite, which PostgreSQL's account may enter (`mkdtemp` shuts everybody else out). */
export function makeRunFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), prefix));
  chmodSync(folder, 0o755);
  writeFileSync(path.join(folder, ownerFile), String(process.pid));
  return folder;
}

/** Ends every server below the folder and removes it. */
export function removeRunFolder(folder: string): void {
  for (const cluster of clustersBelow(folder)) endServer(cluster);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** Removes the folders, and ends the servers, of runs that were killed before they could do so. */
export function removeLeftovers(): void {
  for (const name of readdirSync(os.tmpdir()).filter(each => each.startsWith(prefix))) {
    const folder = path.join(os.tmpdir(), name);
    try {
      if (!isAlive(Number(readFileSync(path.join(folder, ownerFile), "utf8")))) removeRunFolder(folder);
    } catch {
      // Another user's, or just being removed or made by another run.
    }
  }
}

function clustersBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(name => path.basename(name) === "postmaster.pid")
    .map(name => path.dirname(path.join(folder, name)));
}

function endServer(cluster: string): void {
  const found = readPostmaster(cluster);
  if (found && isLiving(found, cluster)) process.kill(found.pid, "SIGQUIT");
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
