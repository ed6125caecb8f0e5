import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PassCounts } from "../../src/reconcile/pass-counts.ts";

const script = fileURLToPath(new URL("./second-reconciler-process.ts", import.meta.url));

/** Starts another process on the same database. `run` runs passes there until nothing is left, and ends the process. */
export async function startSecondReconciler(databaseUrl: string): Promise<{ run(): Promise<PassCounts> }> {
  const child = spawn(process.execPath, ["--import", "tsx", script, databaseUrl], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    async run() {
      child.stdin.write("go\n");
      const line = await lines.next();
      if (line.done) throw new Error("the second process ended without a summary");
      return JSON.parse(line.value) as PassCounts;
    },
  };
}
