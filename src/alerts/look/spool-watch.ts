import type { Sql } from "../../database/connect.ts";
import type { AlertCause } from "../../domain/alerts.ts";
import { lockOpenAlerts } from "../open/alert-store.ts";
import { applyCauses } from "../open/sync-alerts.ts";

/** Alerts of the installation are in this shard. */
export const installationShard = 0;

export type SpoolWatch = {
  /** Reads the spool, and writes what changed once the database takes it. Never rejects. */
  tick(): Promise<void>;
};

/**
 * The alert about callbacks that wait on this machine's disk. While they do the database is away, and nothing can be
 * written: the alert opens when it is back, with the time at which the first one waited, and closes when all are moved.
 */
export function createSpoolWatch(deps: {
  sql: Sql;
  spool(): { bytes: number; isDatabaseUnavailable: boolean };
  /** The machine, for people. */
  host: string;
  /** Tells processes with the same spool folder from others. */
  folder: string;
  now(): Date;
}): SpoolWatch {
  const { sql, spool, host, folder, now } = deps;
  const subject = `${host} ${folder}`;
  let since: Date | null = null;
  let isOpen = false;
  // An earlier process with this folder may have left an open alert.
  let isKnown = false;

  async function sync(causes: AlertCause[], at: Date): Promise<void> {
    await sql.begin(async tx => {
      const open = await lockOpenAlerts(tx, installationShard, "spool", [subject]);
      await applyCauses(tx, installationShard, "spool", open, causes, at);
    });
  }

  return {
    async tick() {
      const { bytes, isDatabaseUnavailable } = spool();
      if (bytes > 0) since ??= now();
      if (isDatabaseUnavailable || (since === null && isKnown)) return;
      try {
        if (since !== null && !isOpen) {
          await sync([causeOf(subject, host)], since);
          isOpen = true;
        } else if (bytes === 0) {
          await sync([], now());
          isOpen = false;
          since = null;
        }
        isKnown = true;
      } catch {
        // The database is away again: the next look tries again.
      }
    },
  };
}

function causeOf(subject: string, host: string): AlertCause {
  const nothing = { merchantId: null, connectionId: null, endpointId: null, channel: null, environment: null };
  const detail =
    `The database was away: callbacks wait in the spool of ${host}. They are moved by themselves; do not delete its ` +
    "data folder.";
  return { subject, ...nothing, detail };
}
