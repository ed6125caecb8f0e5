import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";

/** Contents of `postmaster.pid`; `port` and `status` are missing while the server is starting. */
export type Postmaster = { pid: number; port: number | null; status: string; text: string };

const pidFile = (cluster: string) => path.join(cluster, "postmaster.pid");

/** Reads `postmaster.pid`; `null` where there is none. */
export function readPostmaster(cluster: string): Postmaster | null {
  const text = readIfThere(pidFile(cluster));
  const lines = text?.split("\n") ?? [];
  const pid = Number.parseInt(lines[0] ?? "", 10);
  if (text === null || !Number.isInteger(pid) || pid <= 0) return null;
  return { pid, port: Number(lines[3]) || null, status: lines[7]?.trim() ?? "", text };
}

/**
 * Whether the named process lives and is this cluster's server. The file outlives a killed server; its number then
 * belongs to a zombie (in a container without init) or to another program.
 */
export function isLiving(postmaster: Postmaster, cluster: string): boolean {
  if (!exists(postmaster.pid)) return false;
  if (process.platform === "linux") return isPostgresOnLinux(postmaster.pid, cluster);
  if (process.platform === "win32") return true;
  return isPostgresByPs(postmaster.pid);
}

/** Puts a file away whose process was found not to be the server; leaves it if it has changed since. */
export function removeStale(postmaster: Postmaster, cluster: string): void {
  const aside = `${pidFile(cluster)}.stale`;
  if (readPostmaster(cluster)?.text !== postmaster.text) return;
  renameSync(pidFile(cluster), aside);
  if (readIfThere(aside) === postmaster.text) rmSync(aside, { force: true });
  else renameSync(aside, pidFile(cluster));
}

function isPostgresOnLinux(pid: number, cluster: string): boolean {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const [, name, state] = /^\d+ \((.*)\) (\S)/s.exec(stat ?? "") ?? [];
  if (name !== "postgres" || state === "Z" || state === "X") return false;
  try {
    const [at, home] = [statSync(`/proc/${pid}/cwd`), statSync(cluster)];
    return at.ino === home.ino && at.dev === home.dev;
  } catch {
    return true; // Containers may not let root look at another user's process.
  }
}

function isPostgresByPs(pid: number): boolean {
  try {
    const row = execFileSync("ps", ["-o", "stat=,comm=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return !row.startsWith("Z") && row.endsWith("postgres");
  } catch {
    return false;
  }
}

// Not permitted means another user's process: it is not the server, which runs as this user, or as any user where this
// one is root.
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
