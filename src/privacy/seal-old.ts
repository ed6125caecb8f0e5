import type { Sql } from "../database/connect.ts";
import type { PhoneHasher } from "../database/installation-key.ts";
import { allShards, lowestUuid } from "../domain/ids.ts";
import { plainRows, reachedBy, writeReached, writeSealed } from "./old-rows-store.ts";
import { type OldTable, oldTables } from "./old-tables.ts";

const batchMax = 200;
const lowestId = "00000000-0000-0000-0000-000000000000";
/** An earlier version that still runs writes plain rows: so much is looked through again at every start. */
const againMs = 3 * 86_400_000;
const skewMs = 3_600_000;

export type SealOldDeps = { sql: Sql; phones: PhoneHasher; now: () => Date; signal: AbortSignal };

/**
 * Seals rows from before personal data was sealed, in batches, and returns how many. Rows that are not sealed yet can
 * be read all the same. May be stopped at any time, run beside servers and in several processes at once: a row that
 * another one changed meanwhile is left to the next run.
 */
export async function sealOldRows(deps: SealOldDeps, { isStart = false } = {}): Promise<number> {
  let count = 0;
  for (const table of oldTables) {
    for (const shard of allShards) {
      if (deps.signal.aborted) return count;
      count += await sealShard(deps, shard, table, isStart);
    }
  }
  return count;
}

async function sealShard(deps: SealOldDeps, shard: number, table: OldTable, isStart: boolean): Promise<number> {
  const { sql, phones, now, signal } = deps;
  const task = `seal ${table.table}`;
  const beganMs = now().getTime();
  const again = lowestUuid(beganMs - againMs);
  const reached = (await reachedBy(sql, shard, task)) ?? lowestId;
  let from = isStart && again < reached ? again : reached;
  let count = 0;
  for (let before = ""; !signal.aborted; ) {
    const rows = await plainRows(sql, shard, table, from, batchMax);
    if (rows.length === 0) {
      const done = lowestUuid(beganMs - skewMs);
      if (done > reached) await writeReached(sql, shard, task, done);
      return count;
    }
    const fresh = rows.map(row => ({ row, fresh: table.fresh(row, { vault: sql.vault, phones }) }));
    await writeSealed(sql, shard, table, fresh);
    count += rows.length;
    from = rows.at(-1)![table.key[0]!] as string;
    // The same rows again: others keep changing them.
    const seen = rows.map(({ seen }) => seen).join();
    if (seen === before) return count;
    before = seen;
    if (from > reached) await writeReached(sql, shard, task, from);
  }
  return count;
}
