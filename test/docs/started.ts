import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import path from "node:path";
import { inject } from "vitest";
import { root } from "../architecture/sources.ts";
import { newDataFolder } from "../support/data-folder.ts";

export type Started = { port: number; dataDir: string; printed: () => string; stop(): Promise<void> };

/**
 * The environment of somebody who has no database: an embedded one is used, from the binaries this run has unpacked
 * already.
 */
export function withoutServer(): NodeJS.ProcessEnv {
  const { DATABASE_URL: _theirs, ...env } = process.env;
  const bin = inject("postgresBin");
  return bin === undefined ? env : { ...env, PG_BIN_DIR: bin };
}

/**
 * The program as `npm start` starts it, on a folder and a port of its own. Resolves once it has said where it listens.
 */
export async function startProgram(): Promise<Started> {
  const dataDir = newDataFolder();
  const child = spawn(process.execPath, [path.join(root, "bin/hakika.js"), "start"], {
    cwd: root,
    env: {
      ...withoutServer(),
      HAKIKA_DATA_DIR: dataDir,
      HAKIKA_EGRESS_ALLOW: "127.0.0.0/8",
      LOG_LEVEL: "warn",
      PORT: "0",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  let complaints = "";
  child.stderr.on("data", chunk => (complaints += chunk));
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on("data", chunk => {
      text += chunk;
      const found = /Console: +http:\/\/127\.0\.0\.1:(\d+)\/[\s\S]*Admin key: .*\n/.exec(text);
      if (found) resolve(Number(found[1]));
    });
    child.once("exit", status => reject(new Error(`ended with ${status} instead of starting: ${text}${complaints}`)));
  });
  return { port, dataDir, printed: () => text, stop: () => ended(child) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise<void>(resolve => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await exit;
}

/** A port of loopback that was free just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve((address as { port: number }).port));
    });
  });
}
