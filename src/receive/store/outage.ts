import type { Logger } from "pino";
import { refusedStatement } from "../../database/refused-statements.ts";
import { isTimeout, withTimeout } from "../../database/unavailable.ts";
import type { InboxDatabase } from "./inbox-database-store.ts";
import type { SpoolCatchUp } from "./spool-catch-up.ts";

/** A database that does not answer for so long counts as unavailable. The contract promises it to providers. */
export const unavailableAfterMs = 3_000;
const probeEveryMs = 500;
/** A refused statement works again only once the program or the database was changed. */
const refusedEveryMs = 10_000;
/** While callbacks arrive, each pass finds the callbacks that were spooled during the pass before it. */
const passesMax = 11;

/** Whether the database takes callbacks. */
export type OutageWatch = {
  isUnavailable(): boolean;
  /** The database failed to take a batch: from now on it is unavailable, and is probed. */
  begin(error: unknown): void;
  /** Starts no further probe. */
  stop(): void;
};

export type OutageDeps = {
  database: Pick<InboxDatabase, "probe" | "replaceConnections">;
  catchUp: SpoolCatchUp;
  log: Logger;
  /** False after an earlier process left callbacks in the spool: they are written first, as after an outage. */
  isSpoolEmpty: boolean;
};

/** How one attempt to end an outage went. `written`: callbacks moved from the spool to the database. */
type Recovery =
  | { kind: "recovered"; written: number }
  | { kind: "spool unreadable" }
  | { kind: "unavailable"; error: unknown };

/** Whether the database is probed again. An unreadable spool does not keep new callbacks out of the database. */
const probesAgain = { recovered: false, "spool unreadable": true, unavailable: true } as const satisfies Record<
  Recovery["kind"],
  boolean
>;

/** Starts as available, unless the spool has callbacks. During an outage the database is probed every 500 ms. */
export function startOutageWatch(deps: OutageDeps): OutageWatch {
  const { database, log } = deps;
  let isUnavailable = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | null = null;
  let waitMs = probeEveryMs;

  function scheduleProbe(): void {
    timer ??= setTimeout(async () => {
      timer = null;
      const recovery = await recover(deps, () => {
        isUnavailable = false;
      });
      if (recovery.kind === "unavailable") fail(recovery.error);
      if (recovery.kind === "recovered") {
        log.info({ written: recovery.written }, "database available again: spooled callbacks written");
      }
      if (probesAgain[recovery.kind] && !isStopped) scheduleProbe();
    }, waitMs);
  }

  function fail(error: unknown): void {
    isUnavailable = true;
    waitMs = refusedStatement(error) === null ? probeEveryMs : refusedEveryMs;
    if (isTimeout(error)) database.replaceConnections();
  }

  if (!deps.isSpoolEmpty) {
    isUnavailable = true;
    scheduleProbe();
  }

  return {
    isUnavailable: () => isUnavailable,
    begin(error) {
      fail(error);
      if (refusedStatement(error) === null) log.warn({ err: error }, "database unavailable: callbacks go to the spool");
      else log.error({ err: error }, "the database refuses to take callbacks: they go to the spool");
      scheduleProbe();
    },
    stop() {
      isStopped = true;
      if (timer) clearTimeout(timer);
    },
  };
}

/**
 * Probes the database and writes the spool to it. Callbacks that arrive meanwhile are spooled behind the older ones;
 * when a pass finds none, or after 11 passes, `reopen` sends new callbacks to the database again, and a last pass
 * writes the rest.
 */
async function recover(deps: Pick<OutageDeps, "database" | "catchUp">, reopen: () => void): Promise<Recovery> {
  try {
    await withTimeout(deps.database.probe(), unavailableAfterMs);
    let written = 0;
    for (let pass = 0; pass < passesMax; pass += 1) {
      const more = await deps.catchUp();
      if (more === "unreadable" || more === 0) break;
      written += more;
    }
    reopen();
    const rest = await deps.catchUp();
    return rest === "unreadable" ? { kind: "spool unreadable" } : { kind: "recovered", written: written + rest };
  } catch (error) {
    return { kind: "unavailable", error };
  }
}
