import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { testEnvironment } from "./hakika.ts";

type Signal = "SIGTERM" | "SIGINT" | "SIGKILL";

export type Spawned = {
  /** Resolves once a line of its output fits, with the pattern's first group; rejects where it ends without. */
  said(pattern: RegExp): Promise<string>;
  /** What it wrote on standard error and output. */
  output(): string;
  /** Sends a signal; answers the exit code, null where the signal itself ended it. */
  end(signal: Signal): Promise<number | null>;
};

export type ChildProgram = Spawned & { url: string };

const script = fileURLToPath(new URL("../../bin/hakika.js", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** `hakika start` in a process of its own, as `npm run build` left it. Resolves once it says where it listens. */
export async function startChild(databaseUrl: string, env: Record<string, string> = {}): Promise<ChildProgram> {
  const child = spawnChild(databaseUrl, env);
  const url = await child.said(/API:\s+(http\S+)\/docs/);
  return { ...child, url };
}

/** The same without waiting. */
export function spawnChild(databaseUrl: string, env: Record<string, string> = {}): Spawned {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [script, "start"], {
    cwd: root,
    env: { PATH, HOME, ...testEnvironment(databaseUrl, env) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", line => {
      lines.push(line);
      for (const look of [...watchers]) look();
    });
  }
  return {
    output: () => lines.join("\n"),
    said: pattern =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.map(line => pattern.exec(line)).find(match => match !== null);
          if (!found) return;
          watchers.delete(look);
          resolve(found[1] ?? found[0]);
        };
        watchers.add(look);
        child.once("close", code => reject(new Error(`it ended with ${code}:\n${lines.join("\n")}`)));
        look();
      }),
    async end(signal) {
      child.kill(signal);
      return exitOf(child);
    },
  };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}
