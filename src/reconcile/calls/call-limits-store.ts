import type { Sql, Tx } from "../../database/connect.ts";
import {
  type Allowed,
  afterCall,
  allowedNow,
  type CallLimits,
  type CallOutcome,
  freshCallLimits,
  withCalls,
  withoutOutdatedPauses,
} from "./call-limits.ts";

type Row = {
  calls: CallLimits["calls"];
  paused_until: Date | null;
  pause_reason: CallLimits["pauseReason"];
  pause_detail: string | null;
  paused_at: Date | null;
  errors: number;
  pauses: number;
  probe_until: Date | null;
  stopped: CallLimits["stopped"];
  updated_at: Date;
  is_deleted: boolean;
};

/** A connection's pace as it is shown: without a lock. */
async function readPace(sql: Sql | Tx, shard: number, connectionId: string): Promise<CallLimits> {
  const [row] = await sql<Row[]>`
    select p.*, c.updated_at from connection_pace p
    join connections c on c.shard = p.shard and c.id = p.connection_id
    where p.shard = ${shard} and p.connection_id = ${connectionId}`;
  return row ? withoutOutdatedPauses(paceOf(row), row.updated_at) : freshCallLimits;
}

/** `isDeleted`: the connection is, and must not be asked any more. */
export type LockedCallLimits = { limits: CallLimits; now: Date; isDeleted: boolean };

/** Locks the row until the end of `tx`: whoever asks this connection, in whatever process, waits here. The clock is read under the lock. */
export async function lockCallLimits(tx: Tx, shard: number, connectionId: string): Promise<LockedCallLimits> {
  const lock = () => tx<Row[]>`
    select p.*, c.updated_at, c.deleted_at is not null as is_deleted from connection_pace p
    join connections c on c.shard = p.shard and c.id = p.connection_id
    where p.shard = ${shard} and p.connection_id = ${connectionId} for update of p`;
  let [row] = await lock();
  if (!row) {
    await tx`
      insert into connection_pace (shard, connection_id) values (${shard}, ${connectionId}) on conflict do nothing`;
    [row] = await lock();
  }
  const [clock] = await tx<{ now: Date }[]>`select date_trunc('milliseconds', clock_timestamp()) as now`;
  const limits = row ? withoutOutdatedPauses(paceOf(row), row.updated_at) : freshCallLimits;
  return { limits, now: clock!.now, isDeleted: row?.is_deleted ?? true };
}

export async function writeCallLimits(tx: Tx, shard: number, connectionId: string, pace: CallLimits): Promise<void> {
  await tx`
    update connection_pace set calls = ${JSON.stringify(pace.calls)}::text::jsonb, paused_until = ${pace.pausedUntil},
      pause_reason = ${pace.pauseReason}, pause_detail = ${pace.pauseDetail}, paused_at = ${pace.pausedAt},
      errors = ${pace.errors}, pauses = ${pace.pauses}, probe_until = ${pace.probeUntil},
      stopped = ${JSON.stringify(pace.stopped)}::text::jsonb
    where shard = ${shard} and connection_id = ${connectionId}`;
}

/** Takes up to `wanted` calls from the connection's allowance, for whatever is to be called. */
export async function reserveCalls(
  sql: Sql,
  shard: number,
  connectionId: string,
  ratePerMinute: number,
  wanted: number,
): Promise<Allowed> {
  return (await sql.begin(async tx => {
    const { limits, now } = await lockCallLimits(tx, shard, connectionId);
    const allowed = allowedNow(limits, ratePerMinute, wanted, now);
    if (allowed.kind === "allowed") {
      await writeCallLimits(tx, shard, connectionId, withCalls(limits, allowed.calls, allowed.probe, now));
    }
    return allowed;
  })) as Allowed;
}

/** Notes what a call came to; answers the pace before and after. An answer that changes nothing costs no write. */
export async function recordCallOutcome(
  sql: Sql,
  shard: number,
  connectionId: string,
  heard: CallOutcome,
): Promise<{ before: CallLimits; after: CallLimits }> {
  if (heard.kind === "answered") {
    const pace = await readPace(sql, shard, connectionId);
    if (pace.errors === 0 && pace.pauses === 0 && pace.probeUntil === null) return { before: pace, after: pace };
  }
  return (await sql.begin(async tx => {
    const { limits: before, now } = await lockCallLimits(tx, shard, connectionId);
    const after = afterCall(before, heard, now);
    if (after !== before) await writeCallLimits(tx, shard, connectionId, after);
    return { before, after };
  })) as { before: CallLimits; after: CallLimits };
}

/** Asks no more about these kinds, until the connection is changed. */
export async function stopPollingKinds(
  sql: Sql,
  shard: number,
  connectionId: string,
  kinds: (keyof CallLimits["stopped"])[],
  reason: string,
): Promise<void> {
  await sql.begin(async tx => {
    const { limits, now } = await lockCallLimits(tx, shard, connectionId);
    const stop = { reason, at: now.toISOString() };
    const stopped = { ...limits.stopped, ...Object.fromEntries(kinds.map(kind => [kind, stop])) };
    await writeCallLimits(tx, shard, connectionId, { ...limits, stopped });
  });
}

function paceOf(row: Row): CallLimits {
  return {
    calls: row.calls,
    pausedUntil: row.paused_until,
    pauseReason: row.pause_reason,
    pauseDetail: row.pause_detail,
    pausedAt: row.paused_at,
    errors: row.errors,
    pauses: row.pauses,
    probeUntil: row.probe_until,
    stopped: row.stopped,
  };
}
