import type { Sql } from "./connect.ts";
import { processId } from "./lease-ids.ts";
import { replaceConnections } from "./reconnecting-client.ts";
import { isTimeout, withTimeout } from "./unavailable.ts";

/** First key of the advisory locks by which processes show that they live; no other lock of this program has it. */
const lockSpace = 427_700_921;
const role = "lease holder";

const checkEveryMs = 500;
/** Checks in a row that must find a process gone: one that lives renews its name at each of its own checks. */
const goneChecks = 4;
const answerMs = 3_000;

export type LeaseHolder = {
  /** Renews this process's name where it was lost, and reports the processes that have ended since. */
  check(): Promise<void>;
  /** `onEnded` is called with the id of a process that ended, until it succeeds once. Only workers need it. */
  watch(onEnded: (processId: string) => Promise<void>): void;
  stop(): Promise<void>;
};

/**
 * Keeps this process's name at the database: a row, and an advisory lock of the session of `sql`, which ends with the
 * connection. `sql` is a client for this alone, with one lasting connection. A process that hangs keeps its lock, and
 * its leases until they run out.
 *
 * Behind a pooler that shares connections the lock may outlive the process, whose leases then run out by themselves; or
 * end before it, and is taken again at the next check.
 */
export async function startLeaseHolder(sql: Sql, everyMs: number = checkEveryMs): Promise<LeaseHolder> {
  const goneFor = new Map<string, number>();
  let onEnded: ((processId: string) => Promise<void>) | null = null;
  let current: Promise<void> | null = null;

  async function runCheck(): Promise<void> {
    try {
      const holders = await withTimeout(readHolders(sql), answerMs);
      if (!holders.some(holder => holder.processId === processId && holder.isHeld)) await holdName(sql);
      for (const holder of holders) if (holder.isHeld) goneFor.delete(holder.processId);
      for (const id of holders.filter(holder => !holder.isHeld).map(holder => holder.processId)) {
        if (id !== processId) await countGone(id);
      }
    } catch (error) {
      // After an outage every process needs time to come back.
      goneFor.clear();
      if (isTimeout(error)) replaceConnections(sql);
    }
  }

  async function countGone(id: string): Promise<void> {
    const checks = (goneFor.get(id) ?? 0) + 1;
    goneFor.set(id, checks);
    if (checks < goneChecks || onEnded === null) return;
    await onEnded(id);
    await forget(sql, id);
    goneFor.delete(id);
  }

  const check = () => {
    current ??= runCheck().finally(() => {
      current = null;
    });
    return current;
  };
  await check();
  const timer = setInterval(check, everyMs).unref();

  return {
    check,
    watch(listener) {
      onEnded = listener;
    },
    async stop() {
      clearInterval(timer);
      await current;
      await forget(sql, processId).catch(() => {});
      await sql.end({ timeout: 0 });
    },
  };
}

type Holder = { processId: string; isHeld: boolean };

async function readHolders(sql: Sql): Promise<Holder[]> {
  return await sql<Holder[]>`
    select process_id as "processId", ('x' || left(process_id::text, 8))::bit(32)::int4::oid in (
      select objid from pg_locks
      where locktype = 'advisory' and objsubid = 2 and granted and classid = ${lockSpace}::int4::oid
        and database = (select oid from pg_database where datname = current_database())
    ) as "isHeld"
    from heartbeats where role = ${role}`;
}

/** Shared, because two programs of one process, as in tests, have one name. */
async function holdName(sql: Sql): Promise<void> {
  await sql`select pg_advisory_lock_shared(${lockSpace}::int4, ('x' || ${processId.slice(0, 8)}::text)::bit(32)::int4)`;
  await sql`
    insert into heartbeats (role, process_id) values (${role}, ${processId})
    on conflict (role, process_id) do update set beat_at = now()`;
}

async function forget(sql: Sql, id: string): Promise<void> {
  await sql`delete from heartbeats where role = ${role} and process_id = ${id}`;
}
