import { Cron } from "croner";
import type { Logger } from "pino";
import type { Sql } from "./connect.ts";
import { dropOldPartitions, ensurePartitions } from "./partitions.ts";

export type MaintenanceDeps = {
  sql: Sql;
  /** Removes the expired answers of `Idempotency-Key`. */
  dropOldKeys(): Promise<void>;
  /** For how many days raw bodies are kept. */
  retentionDays: number;
  log: Logger;
};

/** Housekeeping at seven minutes past every hour. Any number of processes may do it at once. */
export function startMaintenance(deps: MaintenanceDeps): { stop(): void } {
  const job = new Cron(
    "7 * * * *",
    { protect: true, catch: error => deps.log.warn({ err: error }, "housekeeping failed") },
    () => runMaintenance(deps),
  );
  return { stop: () => job.stop() };
}

/** Makes the partitions of the coming days, drops old ones, and removes expired idempotent answers. */
export async function runMaintenance({ sql, dropOldKeys, retentionDays, log }: MaintenanceDeps): Promise<void> {
  await ensurePartitions(sql);
  const { dropped, postponed } = await dropOldPartitions(sql, retentionDays);
  await dropOldKeys();
  log.info({ dropped_days: dropped, postponed_days: postponed }, "housekeeping");
}
