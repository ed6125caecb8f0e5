import type { Sql } from "../database/connect.ts";
import { heartbeatStaleS } from "../database/heartbeat.ts";

/** Workers whose hearts beat. */
export async function workersAlive(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: bigint }[]>`
    select count(*) from heartbeats where role = 'worker' and beat_at > now() - make_interval(secs => ${heartbeatStaleS})`;
  return Number(row!.count);
}
