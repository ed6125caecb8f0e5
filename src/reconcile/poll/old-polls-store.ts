import { databaseTime } from "../../database/clock.ts";
import type { Sql } from "../../database/connect.ts";
import { allShards, lowestUuid } from "../../domain/ids.ts";

const dayMs = 86_400_000;
/** Rows of a shard that one round of housekeeping deletes at most; the next round goes on. */
const rowsMax = 10_000;

/**
 * Deletes polls that are older than raw bodies are kept. Ids of transactions are in the order of time, so that only
 * polls of transactions from before that time are read.
 */
export async function dropOldPolls(sql: Sql, retentionDays: number): Promise<void> {
  const before = new Date((await databaseTime(sql)).getTime() - retentionDays * dayMs);
  for (const shard of allShards) {
    await sql`
      delete from polls where shard = ${shard} and ctid = any(array(
        select ctid from polls
        where shard = ${shard} and transaction_id < ${lowestUuid(before.getTime())} and at < ${before}
        limit ${rowsMax}))`;
  }
}
