import type { Sql } from "../../database/connect.ts";
import { fanOut } from "../../outbox/fan-out.ts";
import { endSessions } from "./end-sessions.ts";
import { lockSilentSessions, shardsWithSilentSessions } from "./session-end-store.ts";

/** A session without a hop for so long is over: networks end theirs sooner, and not every gateway reports it. */
const silentAfterS = 180;
const batchMax = 200;

export type EndSilentSessionsDeps = {
  sql: Sql;
  /** Called after each commit with the endpoints that have deliveries. */
  wake: (shard: number, endpointIds: string[]) => void;
};

/**
 * Ends the sessions without a hop for 180 s, each with its event; resolves to their number. The worker calls it every
 * few seconds. Several processes may run it at once: each session is ended by one of them.
 */
export async function endSilentSessions(deps: EndSilentSessionsDeps): Promise<number> {
  let ended = 0;
  for (const shard of await shardsWithSilentSessions(deps.sql, silentAfterS)) {
    for (let count = batchMax; count === batchMax; ended += count) count = await endBatch(deps, shard);
  }
  return ended;
}

async function endBatch({ sql, wake }: EndSilentSessionsDeps, shard: number): Promise<number> {
  const batch = await sql.begin(async tx => {
    const ids = await lockSilentSessions(tx, shard, silentAfterS, batchMax);
    const endpointIds = await fanOut(tx, shard, await endSessions(tx, shard, ids, "silence"));
    return { count: ids.length, endpointIds };
  });
  if (batch.endpointIds.length > 0) wake(shard, batch.endpointIds);
  return batch.count;
}
