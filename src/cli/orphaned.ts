import { isStartedByNpm } from "../app/config.ts";

const checkEveryMs = 1_000;

/**
 * Calls back once when the parent of a process that npm or npx started has ended. They start programs through a shell,
 * which ends on a signal without passing it on (`npx hakika start`, then SIGTERM to npx), so this process would never
 * stop. The parent of any other process may end.
 */
export function whenOrphaned(callback: () => void): void {
  if (!isStartedByNpm()) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, checkEveryMs);
  timer.unref();
}
