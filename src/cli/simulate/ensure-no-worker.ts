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
 * The configuration of a server for as long as a simulation takes, which may send to loopback: the simulated merchant
 * is this process. Throws where other workers run on the database: this server would do part of their work, with
 * addresses allowed that they may not call.
 */
export async function ensureNoWorker(config: Config): Promise<Partial<Config>> {
  const alive = await otherWorkers(config);
  if (alive > 0) {
    throw new Error(
      [
        `${alive === 1 ? "a worker runs" : `${alive} workers run`} on this database, and no server was found where ` +
          "this configuration has it.",
        "A server started for the simulation would do part of their work, and may call addresses that they may not.",
        "So either",
        "  - give this command the PORT, HAKIKA_PUBLIC_URL and HAKIKA_ADMIN_KEY of the server that runs, or",
        `  - stop it first (a killed one counts for ${heartbeatStaleS} s more), or`,
        "  - use another database: DATABASE_URL= HAKIKA_DATA_DIR=/tmp/try hakika simulate ...",
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

/** Workers of other processes. None where there is no database yet, or it does not answer: the start reports that. */
async function otherWorkers(config: Config): Promise<number> {
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
