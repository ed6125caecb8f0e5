import type { Sql } from "../../database/connect.ts";
import { newLeaseId } from "../../database/lease-ids.ts";
import { callMaxMs } from "../calls/call-provider.ts";

/** How far a pull of one window has come. A pull that stops before its last page goes on from here. */
export type PullProgress = {
  from: Date;
  to: Date;
  /** Of the next page (PullPage.nextOffset). */
  offset: number;
  /** Rows listed so far. */
  rows: number;
  /** Pages in a row that listed nothing new. */
  pagesWithoutNew: number;
  /** Digest of the last page's rows; null before the first page. */
  lastPage: string | null;
};

/**
 * A leased pull of a connection's statements. `pulledTo` is the end of the last complete pull, and `progress` that of
 * one that has not reached its last page. Times are the database's.
 */
export type PullClaim = {
  connectionId: string;
  leaseId: string;
  pulledTo: Date | null;
  progress: PullProgress | null;
  now: Date;
};

/** Time to settle the rows of a page after the call. */
const settleMaxS = 6;
const leaseS = callMaxMs / 1000 + settleMaxS;

/** Shards with a connection that has pulls enabled (`settings.reconcile.pull`). */
export async function shardsWithPulls(sql: Sql): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`
    select distinct shard from connections where deleted_at is null and settings->'reconcile'->>'pull' = 'true'`;
  return rows.map(row => row.shard);
}

type ClaimRow = Omit<PullClaim, "progress" | "now"> & { leasedUntil: Date } & Omit<PullProgress, "from" | "to"> & {
    from: Date | null;
    to: Date | null;
  };

/**
 * Leases up to `max` due pulls of a shard, those first that have been due for longest. A connection without a cursor
 * gets one first, due at once.
 */
export async function claimPulls(
  sql: Sql,
  shard: number,
  scope: { merchantId: string | null; connectionId: string | null },
  max: number,
): Promise<PullClaim[]> {
  const enabled = sql`
    c.shard = ${shard} and c.deleted_at is null and c.settings->'reconcile'->>'pull' = 'true'
    ${scope.merchantId === null ? sql`` : sql`and c.merchant_id = ${scope.merchantId}`}
    ${scope.connectionId === null ? sql`` : sql`and c.id = ${scope.connectionId}`}`;
  await sql`
    insert into pull_cursors (shard, connection_id, due_at)
    select c.shard, c.id, '-infinity' from connections c where ${enabled}
    on conflict do nothing`;
  const rows = await sql<ClaimRow[]>`
    with due as materialized (
      select p.connection_id from pull_cursors p join connections c on c.shard = ${shard} and c.id = p.connection_id
      where p.shard = ${shard} and p.due_at <= now() and ${enabled}
      order by p.due_at limit ${max} for update of p skip locked
    )
    update pull_cursors p set lease_id = ${newLeaseId()},
      due_at = date_trunc('milliseconds', now()) + make_interval(secs => ${leaseS})
    from due where p.shard = ${shard} and p.connection_id = due.connection_id
    returning p.connection_id as "connectionId", p.lease_id as "leaseId", p.pulled_to as "pulledTo",
      p.window_from as "from", p.window_to as "to", p.next_offset::float8 as "offset", p.rows,
      p.pages_without_new as "pagesWithoutNew", p.last_page as "lastPage",
      p.due_at as "leasedUntil"`;
  return rows.map(({ connectionId, leaseId, pulledTo, leasedUntil, from, to, ...rest }) => {
    const now = new Date(leasedUntil.getTime() - leaseS * 1000);
    const progress = from === null || to === null ? null : { from, to, ...rest };
    return { connectionId, leaseId, pulledTo, progress, now };
  });
}

/**
 * Keeps the progress of a pull after a page, and extends the lease; false where the lease was lost to another process.
 */
export async function keepProgress(
  sql: Sql,
  shard: number,
  { connectionId, leaseId }: PullClaim,
  { from, to, offset, rows, pagesWithoutNew, lastPage }: PullProgress,
): Promise<boolean> {
  const result = await sql`
    update pull_cursors set due_at = now() + make_interval(secs => ${leaseS}), window_from = ${from},
      window_to = ${to}, next_offset = ${offset}, rows = ${rows}, pages_without_new = ${pagesWithoutNew},
      last_page = ${lastPage}
    where shard = ${shard} and connection_id = ${connectionId} and lease_id = ${leaseId}`;
  return result.count > 0;
}

/** When a pull is due again, what became of its window, and why it did not end well. */
export type PullRelease = {
  dueAt: Date;
  /** The end of the window, where its last page was read: the next window begins there. */
  pulledTo?: Date;
  /** The next pull begins with a window of its own. */
  endsWindow: boolean;
  /** Left out: as before. */
  problem?: string | null;
};

/** Ends the lease. */
export async function releasePull(sql: Sql, shard: number, claim: PullClaim, next: PullRelease): Promise<void> {
  const problem = next.problem === undefined ? sql`` : sql`, trouble = ${next.problem}`;
  const window = next.endsWindow
    ? sql`, window_from = null, window_to = null, next_offset = 0, rows = 0, pages_without_new = 0, last_page = null`
    : sql``;
  await sql`
    update pull_cursors set lease_id = null, due_at = ${next.dueAt},
      pulled_to = coalesce(${next.pulledTo ?? null}, pulled_to) ${window} ${problem}
    where shard = ${shard} and connection_id = ${claim.connectionId} and lease_id = ${claim.leaseId}`;
}

/** Why a connection's last pull did not end well, in words; null where it did, or where none was made yet. */
export async function pullProblemOf(sql: Sql, shard: number, connectionId: string): Promise<string | null> {
  const [row] = await sql<{ problem: string | null }[]>`
    select trouble as problem from pull_cursors where shard = ${shard} and connection_id = ${connectionId}`;
  return row?.problem ?? null;
}
