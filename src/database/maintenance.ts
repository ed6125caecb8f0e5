import { Cron } from "croner";
import type { Logger } from "pino";
import type { Sql } from "./connect.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { dropOldPartitions, ensurePartitions } from "./partitions.ts";

export type MaintenanceDeps = {
  sql: Sql;
  /** Removes the expired answers of `Idempotency-Key`. */
  dropOldKeys(): Promise<void>;
  /** Removes records of polls that are older than raw bodies are kept. */
  dropOldPolls(): Promise<void>;
  /** For how many days raw bodies are kept. */
  retentionDays: number;
  log: Logger;
};

/** Housekeeping at seven minutes past every hour. Where several processes begin at once, one does it. */
export function startMaintenance(deps: MaintenanceDeps): { stop(): void } {
  const job = new Cron(
    "7 * * * *",
    { protect: true, catch: error => deps.log.warn({ err: error }, "housekeeping failed") },
    () => runMaintenance(deps),
  );
  return { stop: () => job.stop() };
}

/**
 * Makes the partitions of the coming days, drops old ones, and removes expired idempotent answers and old polls; does
 * nothing while another process does.
 */
export async function runMaintenance(deps: MaintenanceDeps): Promise<void> {
  const outcome = await oneAtATime(deps.sql, "housekeeping", () => keepHouse(deps));
  if (outcome.kind === "busy") deps.log.debug("another process does the housekeeping");
}

async function keepHouse(deps: MaintenanceDeps): Promise<void> {
  const { sql, retentionDays, log } = deps;
  await ensurePartitions(sql);
  const { dropped, postponed } = await dropOldPartitions(sql, retentionDays);
  await deps.dropOldKeys();
  await deps.dropOldPolls();
  log.info({ dropped_days: dropped, postponed_days: postponed }, "housekeeping");
}
