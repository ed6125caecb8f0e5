import type { Queryable } from "../../database/connect.ts";
import { giveUp } from "./give-up-store.ts";

const rowsMax = 1000;

/**
 * Gives up everything that waits for an endpoint, if it is disabled or deleted; answers how much. Statement after statement: each
 * is short, and none holds its locks for long.
 */
export async function giveUpWaiting(sql: Queryable, shard: number, endpointId: string): Promise<number> {
  let given = 0;
  for (;;) {
    const rows = await giveUp(sql, shard, endpointId, rowsMax);
    given += rows;
    if (rows < rowsMax) return given;
  }
}
