import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";

export type Ran = { code: number | null; out: string; err: string };

export const binary = fileURLToPath(new URL("../../bin/hakika.js", import.meta.url));
/** A command that hangs must not hang the suite. */
const patienceMs = 100_000;

/**
 * The environment of a command: nothing of this process's but the way to its programs. Port 0: no server is looked for.
 */
function environment(more: Record<string, string>): Record<string, string> {
  const bin = inject("postgresBin") ?? process.env.PG_BIN_DIR;
  return { PATH: process.env.PATH ?? "", PORT: "0", ...(bin !== undefined && { PG_BIN_DIR: bin }), ...more };
}

/** Runs `hakika` as a person would, and waits for its end. */
export async function runHakika(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(process.execPath, [binary, ...args], {
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: patienceMs,
    killSignal: "SIGKILL",
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, out, err };
}

export const linesOf = (out: string) =>
  out
    .trim()
    .split("\n")
    .map(line => JSON.parse(line) as Record<string, unknown>);
