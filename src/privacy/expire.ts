import type { Sql } from "../database/connect.ts";
import type { PhoneHasher } from "../database/installation-key.ts";
import { allShards } from "../domain/ids.ts";
import { eraseEvents, eraseTransactions } from "./erase.ts";
import { eraseSessions } from "./erase-store.ts";
import { expiredEvents, expiredSessions, expiredTransactions } from "./expire-store.ts";
import { reachedBy, writeReached } from "./old-rows-store.ts";

const batchMax = 100;
const dayMs = 86_400_000;
const lowestId = "00000000-0000-0000-0000-000000000000";

export type ExpireDeps = { sql: Sql; phones: PhoneHasher; now: () => Date; signal: AbortSignal };

/**
 * Erases what is personal of transactions that finished more than `days` ago, and of sessions and messages as old, in
 * batches of one database transaction each. Returns how many transactions.
 */
export async function erasePastDays(deps: ExpireDeps, days: number): Promise<number> {
  const { sql, phones, now, signal } = deps;
  const before = new Date(now().getTime() - days * dayMs);
  let count = 0;
  for (const shard of allShards) {
    for (let erased = batchMax; erased === batchMax && !signal.aborted; count += erased) {
      erased = await sql.begin(async tx => {
        const ids = await expiredTransactions(tx, shard, before, batchMax);
        await eraseTransactions(tx, shard, ids, phones);
        return ids.length;
      });
    }
    await walk(deps, shard, "erase sessions", from =>
      sql.begin(async tx => {
        const ids = await expiredSessions(tx as unknown as Sql, shard, { from, before, rowsMax: batchMax });
        await eraseSessions(tx, shard, ids);
        return ids;
      }),
    );
    await walk(deps, shard, "erase events", from =>
      sql.begin(async tx => {
        const rows = await expiredEvents(tx, shard, { from, before, rowsMax: batchMax });
        await eraseEvents(tx, shard, [...rows], () => text => text);
        return rows.map(({ id }) => id);
      }),
    );
  }
  return count;
}

/** Goes on where the last run ended, so that nothing is erased again every hour. */
async function walk(
  { sql, signal }: ExpireDeps,
  shard: number,
  task: string,
  step: (from: string) => Promise<string[]>,
): Promise<void> {
  let from = (await reachedBy(sql, shard, task)) ?? lowestId;
  for (let isFull = true; isFull && !signal.aborted; ) {
    const ids = await step(from);
    isFull = ids.length === batchMax;
    if (ids.length === 0) return;
    from = ids.at(-1)!;
    await writeReached(sql, shard, task, from);
  }
}
