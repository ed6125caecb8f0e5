import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import type { SystemAccount } from "./account.ts";

/** The environment of PostgreSQL programs: no keys, and no PG* variable that would change their behaviour. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot"] as const;
  const known = kept.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...Object.fromEntries(known), LC_ALL: "C", TZ: "UTC" };
}

/** The user of a PostgreSQL program, in the shape that `spawn` takes. */
export function runAs(account: SystemAccount): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

/** Runs one of PostgreSQL's programs to its end. It enters `cwd` before it loses root's rights. */
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
