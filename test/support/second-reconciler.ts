import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PassCounts } from "../../src/reconcile/pass-counts.ts";

const script = fileURLToPath(new URL("./second-reconciler-process.ts", import.meta.url));

/** Starts another process on the same database. `run` runs passes there until nothing is left, and ends the process. */
export async function startSecondReconciler(
  databaseUrl: string,
): Promise<{ run(): Promise<PassCounts>; kill(): Promise<void> }> {
  const child = spawn(process.execPath, ["--import", "tsx", script, databaseUrl], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    /** As by `kill -9`. */
    async kill() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
    async run() {
      child.stdin.write("go\n");
      const line = await lines.next();
      if (line.done) throw new Error("the second process ended without a summary");
      return JSON.parse(line.value) as PassCounts;
    },
  };
}
