import { endSessions } from "./end-sessions.ts";
import type { HopWriterDeps } from "./hop-writer.ts";

/** A session in which nobody typed for so long is over: networks end theirs sooner, and do not always say so. */
const silentAfterS = 180;
const batchMax = 200;

/**
 * Ends the sessions that fell silent, each with its event; answers how many. The worker calls it every few seconds. Any number of
 * processes may: a session is ended by one.
 */
export async function sweepSessions(deps: Pick<HopWriterDeps, "sql" | "fanOut" | "wake">): Promise<number> {
  const { sql, fanOut, wake } = deps;
  const shards = await sql<{ shard: number }[]>`
    select distinct shard from ussd_sessions
    where state = 'open' and last_hop_at < now() - make_interval(secs => ${silentAfterS})`;
  let ended = 0;
  for (const { shard } of shards) {
    for (let found = batchMax; found === batchMax; ended += found) {
      const batch = await sql.begin(async tx => {
        const silent = await tx<{ id: string }[]>`
          select id from ussd_sessions
          where shard = ${shard} and state = 'open' and last_hop_at < now() - make_interval(secs => ${silentAfterS})
          order by last_hop_at limit ${batchMax} for update skip locked`;
        const ids = silent.map(row => row.id);
        return { found: ids.length, wake: await fanOut(tx, shard, await endSessions(tx, shard, ids, "silence")) };
      });
      found = batch.found;
      if (batch.wake.length > 0) wake?.(shard, batch.wake);
    }
  }
  return ended;
}
