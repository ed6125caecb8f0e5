import { syncAlerts } from "../../alerts/open/sync-alerts.ts";
import { databaseTime } from "../../database/clock.ts";
import type { Sql, Tx } from "../../database/connect.ts";
import {
  afterOutcome,
  type CallAllowance,
  type CallLimits,
  type CallOutcome,
  callRatePerMinute,
  callsAllowed,
  errorsMax,
  initialCallLimits,
  isUndisturbed,
  withoutOutdatedPauses,
  withReservedCalls,
} from "./call-limits.ts";
import type { ProviderAccount } from "./provider-account.ts";

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

/**
 * `now` is the database's time under the lock. `isDeleted`: the connection is deleted, and must not be called any more.
 */
export type LockedCallLimits = { limits: CallLimits; now: Date; isDeleted: boolean };

/** Locks a connection's limits until the end of `tx`: one process at a time reserves calls of a connection. */
export async function lockCallLimits(tx: Tx, shard: number, connectionId: string): Promise<LockedCallLimits> {
  const lock = () => tx<Row[]>`
    select p.*, c.updated_at, c.deleted_at is not null as is_deleted from connection_pace p
    join connections c on c.shard = ${shard} and c.id = p.connection_id
    where p.shard = ${shard} and p.connection_id = ${connectionId} for update of p`;
  let [row] = await lock();
  if (!row) {
    await tx`
      insert into connection_pace (shard, connection_id) values (${shard}, ${connectionId}) on conflict do nothing`;
    [row] = await lock();
  }
  const now = await databaseTime(tx);
  return { limits: row ? limitsOf(row) : initialCallLimits, now, isDeleted: row?.is_deleted ?? true };
}

export async function writeCallLimits(tx: Tx, shard: number, connectionId: string, limits: CallLimits): Promise<void> {
  await tx`
    update connection_pace set calls = ${JSON.stringify(limits.calls)}::text::jsonb,
      paused_until = ${limits.pausedUntil}, pause_reason = ${limits.pauseReason}, pause_detail = ${limits.pauseDetail},
      paused_at = ${limits.pausedAt}, errors = ${limits.errors}, pauses = ${limits.pauses},
      probe_until = ${limits.probeUntil},
      stopped = ${JSON.stringify(limits.stopped)}::text::jsonb
    where shard = ${shard} and connection_id = ${connectionId}`;
}

/** Reserves up to `wanted` calls of the account's allowance, for any kind of call. */
export async function reserveCalls(
  sql: Sql,
  { connection, provider }: Pick<ProviderAccount, "connection" | "provider">,
  wanted: number,
): Promise<CallAllowance> {
  const { shard, id } = connection;
  return (await sql.begin(async tx => {
    const { limits, now } = await lockCallLimits(tx, shard, id);
    const allowed = callsAllowed(limits, callRatePerMinute(connection, provider), wanted, now);
    if (allowed.kind === "allowed") {
      await writeCallLimits(tx, shard, id, withReservedCalls(limits, allowed.calls, allowed.probe, now));
    }
    return allowed;
  })) as CallAllowance;
}

/**
 * Records the outcome of a call; returns the limits before and after. An answer that changes nothing costs no lock and
 * no write.
 */
export async function recordCallOutcome(
  sql: Sql,
  shard: number,
  connectionId: string,
  outcome: CallOutcome,
): Promise<{ before: CallLimits; after: CallLimits }> {
  if (outcome.kind === "answered") {
    const limits = await readCallLimits(sql, shard, connectionId);
    if (isUndisturbed(limits)) return { before: limits, after: limits };
  }
  return (await sql.begin(async tx => {
    const { limits: before, now } = await lockCallLimits(tx, shard, connectionId);
    const after = afterOutcome(before, outcome, now);
    if (after !== before) {
      await writeCallLimits(tx, shard, connectionId, after);
      if (isOtherPause(before, after)) await syncPauses(tx, shard, connectionId, now);
    }
    return { before, after };
  })) as { before: CallLimits; after: CallLimits };
}

function isOtherPause(before: CallLimits, after: CallLimits): boolean {
  const isPaused = ({ pauseReason, errors }: CallLimits) => pauseReason !== null || errors >= errorsMax;
  return isPaused(before) || isPaused(after);
}

/** Events of these alerts are found by the dispatcher's next scan. */
async function syncPauses(tx: Tx, shard: number, connectionId: string, now: Date): Promise<void> {
  for (const kind of ["connection_paused", "credentials_refused"] as const) {
    await syncAlerts(tx, shard, kind, [connectionId], now);
  }
}

/** Stops polls of these kinds until the connection is changed. */
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

/** The limits as they are now, without a lock. */
export async function readCallLimits(sql: Sql, shard: number, connectionId: string): Promise<CallLimits> {
  const [row] = await sql<Row[]>`
    select p.*, c.updated_at from connection_pace p
    join connections c on c.shard = ${shard} and c.id = p.connection_id
    where p.shard = ${shard} and p.connection_id = ${connectionId}`;
  return row ? limitsOf(row) : initialCallLimits;
}

function limitsOf(row: Row): CallLimits {
  const limits = {
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
  return withoutOutdatedPauses(limits, row.updated_at);
}
