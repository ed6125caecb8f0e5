import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import type { SystemAccount } from "./account.ts";

/** What a PostgreSQL program may know of our environment: never our keys, and no PG* variable that would steer it. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot"] as const;
  const known = kept.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...Object.fromEntries(known), LC_ALL: "C", TZ: "UTC" };
}

/** Who a PostgreSQL program runs as, in the shape `spawn` takes. */
export function runAs(account: SystemAccount): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

/** Runs one of PostgreSQL's programs to its end. It is entered into `cwd` before it loses root's rights. */
export function runToEnd(
  program: string,
  args: string[],
  cwd: string,
  account: SystemAccount,
): SpawnSyncReturns<string> {
  return spawnSync(program, args, {
    cwd,
    env: serverEnvironment(),
    ...runAs(account),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
}
