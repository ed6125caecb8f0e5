import { syncAlerts } from "../../alerts/open/sync-alerts.ts";
import type { Queryable } from "../../database/connect.ts";
import { type DeliveryOutcome, type RecordedOutcome, recordOutcomes } from "./record-store.ts";

/**
 * Records outcomes, and opens or closes the alerts of endpoints whose health turned by them, in the caller's database
 * transaction. Deliveries of the alerts' events are found by the next scan, within a second.
 */
export async function recordWithAlerts(
  tx: Queryable,
  shard: number,
  outcomes: readonly DeliveryOutcome[],
  now: Date,
): Promise<RecordedOutcome[]> {
  const rows = await recordOutcomes(tx, shard, outcomes);
  const turned = rows.filter(({ hasTurned }) => hasTurned).map(({ endpointId }) => endpointId);
  await syncAlerts(tx, shard, "endpoint_failing", turned, now);
  return rows;
}
