import type { Sql } from "./connect.ts";

const everyMs = 5_000;
/** As long as a lease: a process that is silent for longer has lost its work to others. */
export const heartbeatStaleS = 30;

/** Tells the database that this process does `role`, every five seconds, until stopped. */
export function startHeartbeat(sql: Sql, role: string, processId: string): { stop(): Promise<void> } {
  const beat = async () => {
    try {
      await sql`
        insert into heartbeats (role, process_id) values (${role}, ${processId})
        on conflict (role, process_id) do update set beat_at = now()`;
    } catch {
      // The database is away: readiness says so.
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

/** Workers whose hearts beat. */
export async function workersAlive(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: bigint }[]>`
    select count(*) from heartbeats where role = 'worker' and beat_at > now() - make_interval(secs => ${heartbeatStaleS})`;
  return Number(row!.count);
}
