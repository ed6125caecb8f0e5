import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Sql } from "../src/database/connect.ts";

/** A server in a process of its own. It is ready when it prints its first line with a URL. */
export type Child = { port: number; process: ChildProcess; stop(): Promise<void> };

export async function startChild(command: string[], env: Record<string, string>, cwd = "."): Promise<Child> {
  const child = spawn(command[0]!, command.slice(1), {
    cwd,
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

/** CPU seconds (user and system) that a process has used, from /proc; 0 where there is no /proc. */
export function cpuSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return 0;
  }
}

/** CPU seconds of a local PostgreSQL with all its backends, ended ones included; 0 where /proc does not show it. */
export async function postgresCpuSeconds(sql: Sql): Promise<number> {
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const fieldsOf = (pid: number | string): number[] =>
    readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ").map(Number);
  try {
    const postmaster = fieldsOf(row!.pid)[1]!;
    let ticks = fieldsOf(postmaster)
      .slice(11, 15)
      .reduce((sum, n) => sum + n, 0);
    for (const pid of readdirSync("/proc").filter(name => /^\d+$/.test(name))) {
      try {
        const fields = fieldsOf(pid);
        if (fields[1] === postmaster) ticks += fields[11]! + fields[12]!;
      } catch {
        // The process has just ended.
      }
    }
    return ticks / ticksPerSecond;
  } catch {
    return 0;
  }
}

/** Resident memory of a process, in MB. */
export function residentMb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
