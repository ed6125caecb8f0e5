import type { Queryable } from "../../database/connect.ts";
import { failPendingBatch } from "./fail-pending-store.ts";

/** Deliveries failed by one statement. */
const rowsMax = 1000;

/**
 * Fails all pending deliveries of an endpoint that is disabled or deleted. Returns how many. Several short statements,
 * so that none holds its locks for long.
 */
export async function failPending(sql: Queryable, shard: number, endpointId: string): Promise<number> {
  let failed = 0;
  for (;;) {
    const rows = await failPendingBatch(sql, shard, endpointId, rowsMax);
    failed += rows;
    if (rows < rowsMax) return failed;
  }
}
