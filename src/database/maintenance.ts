import { Cron } from "croner";
import type { Logger } from "pino";
import type { Sql } from "./connect.ts";
import { dropOldPartitions, ensurePartitions } from "./partitions.ts";

/** Hourly housekeeping: partitions for the days to come, retention, answers and tokens that have expired. */
export function startMaintenance(deps: { sql: Sql; retentionDays: number; log: Logger }): { stop(): void } {
  const { sql, retentionDays, log } = deps;
  const job = new Cron(
    "7 * * * *",
    { protect: true, catch: error => log.warn({ err: error }, "housekeeping failed") },
    run,
  );
  return { stop: () => job.stop() };

  async function run(): Promise<void> {
    await ensurePartitions(sql);
    const dropped = await dropOldPartitions(sql, retentionDays);
    await sql`delete from idempotency_keys where created_at < now() - interval '24 hours' and locked_until < now()`;
    log.info({ dropped_days: dropped }, "housekeeping");
  }
}
