import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** A server under test in a process of its own, ready when its first line with a URL is printed. */
export type Child = { port: number; process: ChildProcess; stop(): Promise<void> };

export async function startChild(command: string[], env: Record<string, string>): Promise<Child> {
  const child = spawn(command[0]!, command.slice(1), {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise<number>((resolve, reject) => {
    let text = "";
    child.stdout!.on("data", chunk => {
      text += chunk;
      const match = /https?:\/\/[^:\s]+:(\d+)/.exec(text);
      if (match) resolve(Number(match[1]));
    });
    child.once("exit", code => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
  child.stdout!.resume();
  return {
    port,
    process: child,
    stop: () =>
      new Promise(resolve => {
        child.once("exit", () => resolve());
        child.kill("SIGTERM");
      }),
  };
}

const ticksPerSecond = 100;

/** CPU seconds (user and system) a process has used, from /proc; 0 where there is none. */
export function cpuSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return 0;
  }
}

/** Resident MB of a process. */
export function residentMb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
