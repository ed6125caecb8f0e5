import type { Sql } from "../../database/connect.ts";
import { allShards, type LeaseIds, leasePrefix } from "../../database/lease-ids.ts";

/**
 * A leased pull of a connection's statements. `pulledTo` is the end of the last complete pull. Times are the
 * database's.
 */
export type PullClaim = { connectionId: string; leaseId: string; pulledTo: Date | null; now: Date };

const leaseS = 60;

/** Shards with a connection that has pulls enabled (`settings.reconcile.pull`). */
export async function shardsWithPulls(sql: Sql): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`
    select distinct shard from connections where deleted_at is null and settings->'reconcile'->>'pull' = 'true'`;
  return rows.map(row => row.shard);
}

/** Leases the due pulls of a shard. A connection without a cursor gets one first, due at once. */
export async function claimPulls(
  sql: Sql,
  shard: number,
  scope: { merchantId: string | null; connectionId: string | null },
): Promise<PullClaim[]> {
  const enabled = sql`
    c.shard = ${shard} and c.deleted_at is null and c.settings->'reconcile'->>'pull' = 'true'
    ${scope.merchantId === null ? sql`` : sql`and c.merchant_id = ${scope.merchantId}`}
    ${scope.connectionId === null ? sql`` : sql`and c.id = ${scope.connectionId}`}`;
  await sql`
    insert into pull_cursors (shard, connection_id, due_at)
    select c.shard, c.id, '-infinity' from connections c where ${enabled}
    on conflict do nothing`;
  return await sql<PullClaim[]>`
    with due as materialized (
      select p.connection_id from pull_cursors p join connections c on c.shard = p.shard and c.id = p.connection_id
      where p.shard = ${shard} and p.due_at <= now() and ${enabled} for update of p skip locked
    )
    update pull_cursors p set
      lease_id = overlay(gen_random_uuid()::text placing ${leasePrefix} from 1)::uuid,
      due_at = now() + make_interval(secs => ${leaseS})
    from due where p.shard = ${shard} and p.connection_id = due.connection_id
    returning p.connection_id as "connectionId", p.lease_id as "leaseId", p.pulled_to as "pulledTo",
      date_trunc('milliseconds', now()) as now`;
}

/** Extends the lease to 60 s from now; false where it was lost to another process. */
export async function extendPullLease(sql: Sql, shard: number, claim: PullClaim): Promise<boolean> {
  const result = await sql`
    update pull_cursors set due_at = now() + make_interval(secs => ${leaseS})
    where shard = ${shard} and connection_id = ${claim.connectionId} and lease_id = ${claim.leaseId}`;
  return result.count > 0;
}

/** Ends the lease. `pulledTo` is null where the pull did not complete: the next one begins where this one began. */
export async function releasePull(
  sql: Sql,
  shard: number,
  claim: PullClaim,
  next: { pulledTo: Date | null; dueInS: number },
): Promise<void> {
  await sql`
    update pull_cursors set lease_id = null, due_at = now() + make_interval(secs => ${next.dueInS}),
      pulled_to = coalesce(${next.pulledTo}, pulled_to)
    where shard = ${shard} and connection_id = ${claim.connectionId} and lease_id = ${claim.leaseId}`;
}

/** Ends the leases of a process that ended: its pulls are due at once. */
export async function endPullLeases(sql: Sql, leases: LeaseIds): Promise<void> {
  await sql`
    update pull_cursors set due_at = now()
    where shard = any(${sql.array(allShards, 21)}::int2[]) and due_at > now()
      and lease_id between ${leases.first} and ${leases.last}`;
}
