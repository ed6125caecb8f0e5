import { syncAlerts } from "../../alerts/open/sync-alerts.ts";
import type { Queryable, Sql } from "../../database/connect.ts";
import { type DeliveryOutcome, type RecordedOutcome, recordOutcomes } from "./record-store.ts";

/**
 * Records outcomes, and opens or closes the alert of an endpoint whose health turned by them. A batch with a failure is
 * recorded in one database transaction with its alerts; one of successes alone needs none, and closes the alerts of
 * endpoints that recovered right after: the next look at causes finds what a crash in between left open.
 */
export async function recordWithAlerts(
  sql: Sql,
  shard: number,
  outcomes: readonly DeliveryOutcome[],
  now: Date,
): Promise<RecordedOutcome[]> {
  const hasFailure = outcomes.some(({ kind }) => kind === "retry" || kind === "failed");
  if (hasFailure) {
    return (await sql.begin(async tx => {
      const rows = await recordOutcomes(tx, shard, outcomes);
      await syncTurned(tx, shard, rows, now);
      return rows;
    })) as RecordedOutcome[];
  }
  const rows = await recordOutcomes(sql, shard, outcomes);
  if (rows.some(({ hasTurned }) => hasTurned)) {
    await sql.begin(tx => syncTurned(tx, shard, rows, now)).catch(() => {});
  }
  return rows;
}

/** Deliveries of the events are found by the next scan: within a second. */
async function syncTurned(tx: Queryable, shard: number, rows: readonly RecordedOutcome[], now: Date): Promise<void> {
  const turned = rows.filter(({ hasTurned }) => hasTurned).map(({ endpointId }) => endpointId);
  await syncAlerts(tx, shard, "endpoint_failing", turned, now);
}
