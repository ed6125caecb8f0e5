import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { SystemAccount } from "./account.ts";
import { type Binaries, executable } from "./binaries.ts";
import type { Layout } from "./layout.ts";
import { readPostmaster } from "./postmaster.ts";
import { nameForServer } from "./reach.ts";
import { runAs, serverEnvironment } from "./run.ts";
import { connectionSetting, serverSettings, settingArguments } from "./settings.ts";

/** `locked`: another postmaster (running, or a zombie) still holds the data directory. */
export type Launch =
  | { kind: "ready" }
  | { kind: "port taken" }
  | { kind: "locked"; log: string }
  | { kind: "failed"; log: string };

const logBytesMax = 1_048_576;
const readyPollMs = 10;

/** Starts a server on the cluster, detached from this process, and waits until it takes connections or gives up. */
export async function launchServer(
  layout: Layout,
  binaries: Binaries,
  account: SystemAccount,
  { port, processes }: { port: number; processes: number },
): Promise<Launch> {
  const log = openLog(layout.log);
  const child = spawn(
    path.join(binaries.bin, executable("postgres")),
    [
      ...["-D", nameForServer(layout.cluster, account), "-p", String(port)],
      ...settingArguments({ ...serverSettings, ...connectionSetting(processes) }),
    ],
    {
      cwd: layout.cluster,
      env: serverEnvironment(),
      ...runAs(account),
      // A session of its own: neither Ctrl-C in the terminal nor the end of this process reaches it.
      detached: true,
      windowsHide: true,
      stdio: ["ignore", log.file, log.file],
    },
  );
  closeSync(log.file);
  const end = untilEnd(child);
  const ended = await Promise.race([end, untilReady(child, layout)]);
  child.unref();
  if (ended === null) return { kind: "ready" };
  return judge(ended + readFileSync(layout.log).subarray(log.from).toString());
}

function judge(log: string): Launch {
  if (/lock file .* already exists|pre-existing shared memory block/.test(log))
    return { kind: "locked", log: log.trim() };
  if (/could not create any TCP\/IP sockets/.test(log)) return { kind: "port taken" };
  return { kind: "failed", log: log.trim() };
}

/** Resolves with the system's error, or empty where only the server's log has the reason. */
function untilEnd(child: ChildProcess): Promise<string> {
  return new Promise(resolve => {
    child.once("error", error => resolve(`${error.message}\n`));
    child.once("exit", () => resolve(""));
  });
}

// No deadline: recovery after a crash takes as long as it takes, and a server that cannot go on ends by itself.
async function untilReady(child: ChildProcess, layout: Layout): Promise<null> {
  for (;;) {
    const postmaster = readPostmaster(layout.cluster);
    if (postmaster?.pid === child.pid && postmaster?.status === "ready") return null;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return new Promise(() => {});
    await pause(readyPollMs);
  }
}

function openLog(log: string): { file: number; from: number } {
  const file = openSync(log, "a", 0o600);
  if (fstatSync(file).size > logBytesMax) ftruncateSync(file);
  return { file, from: fstatSync(file).size };
}
