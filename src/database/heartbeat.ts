import type { Sql } from "./connect.ts";

const everyMs = 5_000;
/** As long as a lease: the leases of a process that is silent for longer have expired. */
export const heartbeatStaleS = 30;

/** Records in the database every five seconds that this process does `role`, until stopped. */
export function startHeartbeat(sql: Sql, role: string, processId: string): { stop(): Promise<void> } {
  const beat = async () => {
    try {
      await sql`
        insert into heartbeats (role, process_id) values (${role}, ${processId})
        on conflict (role, process_id) do update set beat_at = now()`;
    } catch {
      // The database is unavailable: readiness reports it.
    }
  };
  void beat();
  const timer = setInterval(beat, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await sql`delete from heartbeats where role = ${role} and process_id = ${processId}`.catch(() => {});
      await sql`delete from heartbeats where beat_at < now() - interval '1 day'`.catch(() => {});
    },
  };
}

/** The number of workers with a recent heartbeat. */
export async function workersAlive(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: bigint }[]>`
    select count(*) from heartbeats
    where role = 'worker' and beat_at > now() - make_interval(secs => ${heartbeatStaleS})`;
  return Number(row!.count);
}
