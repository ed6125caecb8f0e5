import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PassCounts } from "../../src/reconcile/pass-counts.ts";

const script = fileURLToPath(new URL("./reconcile-process.ts", import.meta.url));

/** Another process over the same database, ready to run passes. */
export async function startSecondReconciler(
  databaseUrl: string,
): Promise<{ pid: number; run(): Promise<PassCounts>; kill9(): Promise<void> }> {
  const child = spawn(process.execPath, ["--import", "tsx", script, databaseUrl], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    pid: child.pid!,
    async run() {
      child.stdin.write("go\n");
      const line = await lines.next();
      if (line.done) throw new Error("the other process ended without a summary");
      return JSON.parse(line.value) as PassCounts;
    },
    async kill9() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}
