import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type SecondProcess = {
  url: string;
  startedHere: boolean;
  /** Lets it leave in peace; answers its exit code. */
  stop(): Promise<number | null>;
  /** Kills it with SIGKILL and waits until it is dead. */
  kill9(): Promise<void>;
};

const script = fileURLToPath(new URL("./embedded-process.ts", import.meta.url));

/** Joins the embedded server of a data folder from a process of its own, as a second `hakika` would. */
export async function startSecondProcess(
  dataDir: string,
  binDir: string | undefined,
  user: { uid?: number; gid?: number } = {},
): Promise<SecondProcess> {
  const args = ["--import", "tsx", script, dataDir, ...(binDir === undefined ? [] : [binDir])];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], ...user });
  const first = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (first.done) throw new Error("the other process ended without joining the server");
  const { url, startedHere } = JSON.parse(first.value) as { url: string; startedHere: boolean };
  return {
    url,
    startedHere,
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
