import { readFileSync } from "node:fs";
import type { Logger } from "pino";

/** Files that stay free for the database, the spool, deliveries and calls to providers. */
const reserve = { min: 128, part: 1 / 4 };
/** Below this many files a burst of callbacks, or a few hundred idle connections, are turned away. */
const limitToWarn = 1024;

/** How many files and sockets this process may have open; null where the system does not say (only Linux does). */
export function fileLimit(): number | null {
  try {
    return softLimitIn(readFileSync("/proc/self/limits", "utf8"));
  } catch {
    return null;
  }
}

/** The soft limit of open files in the text of `/proc/self/limits`; null for `unlimited`. */
export function softLimitIn(limits: string): number | null {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}

/**
 * How many connections the HTTP server takes at a time under a file limit: without a bound, idle connections take the
 * files that callbacks are written with. Warns where the limit is small. Null: no bound.
 */
export function connectionsMaxOf(limit: number | null, log: Pick<Logger, "warn">): number | null {
  if (limit === null) return null;
  const kept = Math.min(Math.max(reserve.min, Math.floor(limit * reserve.part)), Math.floor(limit / 2));
  const connectionsMax = Math.max(1, limit - kept);
  if (limit < limitToWarn) {
    const line = { file_limit: limit, connections_max: connectionsMax };
    log.warn(line, `few files may be open: raise the limit to ${limitToWarn} or more (ulimit -n, LimitNOFILE)`);
  }
  return connectionsMax;
}
