import { isStartedByNpm } from "../app/config.ts";

const lookEveryMs = 1_000;

/**
 * Calls once when the parent of a process started by npm or npx is gone. They put a shell between, which dies of a signal without
 * passing it on (`npx hakika start`, then SIGTERM to npx): nobody would stop this process any more. Of others a parent may go.
 */
export function whenOrphaned(callback: () => void): void {
  if (!isStartedByNpm()) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, lookEveryMs);
  timer.unref();
}
