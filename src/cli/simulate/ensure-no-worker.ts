import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../app/config.ts";
import { heartbeatStaleS, workersAlive } from "../../database/heartbeat.ts";
import { isUnavailable } from "../../database/unavailable.ts";
import { parseRange } from "../../egress/address.ts";
import { layoutOf } from "../../embedded-postgres/layout.ts";
import { openCliDatabase } from "../database.ts";
import { withResource } from "../with-resource.ts";

/**
 * A whole server for as long as a simulation takes, which may send to loopback: the merchant is this process. Throws where other
 * workers live on the database: this one would take part in their work, with rights that they were not given.
 */
export async function ensureNoWorker(config: Config): Promise<Partial<Config>> {
  const alive = await othersAlive(config);
  if (alive > 0) {
    throw new Error(
      [
        `${alive === 1 ? "a worker runs" : `${alive} workers run`} on this database, and no server was found where this configuration has it.`,
        "A simulation of its own would take part in their work, and may call addresses that they may not. So either",
        "  - give this command the PORT, HAKIKA_PUBLIC_URL and HAKIKA_ADMIN_KEY of the server that runs, or",
        `  - stop it first (one that was killed counts for ${heartbeatStaleS} s), or`,
        "  - try on a database of its own: DATABASE_URL= HAKIKA_DATA_DIR=/tmp/try hakika simulate ...",
      ].join("\n"),
    );
  }
  return {
    roles: new Set(["receiver", "worker"]),
    reconcileCron: null,
    publicUrl: "http://127.0.0.1:0",
    publicUrlIsDefault: true,
    egressAllow: [...config.egressAllow, parseRange("127.0.0.0/8")!],
  };
}

/** Workers of other processes. None where there is no database yet, or none that answers: the start says so. */
async function othersAlive(config: Config): Promise<number> {
  // An embedded server that does not run has no workers.
  if (config.databaseUrl === null && !existsSync(join(layoutOf(config.dataDir).cluster, "postmaster.pid"))) return 0;
  try {
    return await withResource(
      () => openCliDatabase(config),
      ({ sql }) => workersAlive(sql),
    );
  } catch (error) {
    if (isUnavailable(error)) return 0;
    throw error;
  }
}
