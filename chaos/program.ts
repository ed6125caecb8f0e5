import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** One process of the program, as it was built. */
export type Program = {
  url: string;
  dataDir: string;
  env: Record<string, string>;
  /** Resolves once it answers requests. */
  start(): Promise<void>;
  kill9(): Promise<void>;
  /** Stops it, or lets it go on. */
  pause(isPaused: boolean): void;
  /** Sets its clock so many seconds off. */
  setClock(byS: number): void;
  /** Whether it ended although nothing killed it. */
  endedByItself(): boolean;
  /** The end of its log. */
  logEnd(): string;
};

const script = fileURLToPath(new URL("../bin/hakika.js", import.meta.url));
const clock = new URL("clock.mjs", import.meta.url).href;
const pollMs = 100;

/** Does not start it yet. */
export function programOf(port: number, folder: string, given: Record<string, string>): Program {
  const clockFile = path.join(folder, "clock");
  const logFile = path.join(folder, "log");
  const dataDir = path.join(folder, "data");
  const url = `http://127.0.0.1:${port}`;
  const { PATH = "", HOME = "" } = process.env;
  const env = {
    ...{ PATH, HOME, CHAOS_CLOCK_FILE: clockFile, NODE_OPTIONS: `--import ${clock}` },
    ...{ PORT: String(port), HAKIKA_DATA_DIR: dataDir, ...given },
  };
  let child: ChildProcess | null = null;
  let isWanted = false;
  const isAlive = () => child !== null && child.exitCode === null && child.signalCode === null;
  const send = (signal: NodeJS.Signals) => {
    if (isAlive()) child!.kill(signal);
  };
  const ended = async () => {
    if (isAlive()) await once(child!, "exit");
  };

  return {
    url,
    dataDir,
    env,
    async start() {
      if (isAlive()) return;
      isWanted = true;
      writeFileSync(clockFile, "0");
      const log = openSync(logFile, "a");
      child = spawn(process.execPath, [script, "start"], { env, stdio: ["ignore", log, log] });
      closeSync(log);
      while (isWanted && isAlive() && !(await answers(url))) await pause(pollMs);
    },
    async kill9() {
      isWanted = false;
      send("SIGKILL");
      await ended();
    },
    pause: isPaused => send(isPaused ? "SIGSTOP" : "SIGCONT"),
    setClock(byS) {
      writeFileSync(clockFile, String(byS));
      send("SIGUSR2");
    },
    endedByItself: () => isWanted && !isAlive(),
    logEnd: () => readFileSync(logFile, "utf8").slice(-2_000),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).status === 200;
  } catch {
    return false;
  }
}
