import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type SecondProcess = {
  url: string;
  /** For the owner, a superuser. */
  ownerUrl: string;
  startedHere: boolean;
  /** Stops the process in order; returns its exit code. */
  stop(): Promise<number | null>;
  /** Kills the process with SIGKILL and waits for its exit. */
  kill9(): Promise<void>;
};

const script = fileURLToPath(new URL("./embedded-process.ts", import.meta.url));

/** Starts a process that joins the embedded server of a data folder, as a second `hakika` does. */
export async function startSecondProcess(
  dataDir: string,
  binDir: string | undefined,
  user: { uid?: number; gid?: number } = {},
): Promise<SecondProcess> {
  const args = ["--import", "tsx", script, dataDir, ...(binDir === undefined ? [] : [binDir])];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], ...user });
  const first = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (first.done) throw new Error("the second process ended without joining the server");
  return {
    ...(JSON.parse(first.value) as Pick<SecondProcess, "url" | "ownerUrl" | "startedHere">),
    async stop() {
      child.stdin.end();
      return exitOf(child);
    },
    async kill9() {
      child.kill("SIGKILL");
      await exitOf(child);
    },
  };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}
