import type postgres from "postgres";
import type { Sql, Tx } from "../../database/connect.ts";
import { leasePrefix } from "../../database/lease-ids.ts";
import type { Vault } from "../../database/vault/vault.ts";
import type { ScheduleEntry } from "../../schedule/schedule-entry.ts";
import { openFinding } from "../../settle/finding-json.ts";
import { type TransactionRow, transactionFromRow } from "../../settle/transaction-row.ts";
import { callMaxMs } from "../calls/call-provider.ts";
import type { ClaimedPoll } from "./claimed-poll.ts";

/** Time to settle the answer after the call. */
const settleMaxS = 6;
/** A poll that takes longer is repeated by another worker, and its late answer changes nothing. In seconds. */
export const leaseS = callMaxMs / 1000 + settleMaxS;

/** A row of `evidence` inside JSON: `sealed` in base64, `learntAt` in ms. */
type ToldFinding = {
  id: string;
  sealed: string | null;
  finding: Record<string, unknown> | null;
  learntAt: number;
};

type ClaimRow = TransactionRow & {
  lease_id: string;
  was_urgent: boolean;
  is_audit: boolean;
  ends_at: Date;
  asked_at: Date | null;
  tries: number;
  failures: number;
  failures_told: ToldFinding[] | null;
  successes_in_doubt: ToldFinding[] | null;
};

/** Which polls of a connection: made ready by a pass, requested at once, or of a drift audit. */
export type PollPriority = "ready" | "urgent" | "audit";

/**
 * Leases up to `max` due polls of one priority of a connection, newest transaction first. Each has its own lease, which
 * fences off a stale holder; the due time is the lease's end. The CTEs fence the limit: a plain `in (select … limit n)`
 * may be evaluated again and lock more than n rows.
 */
export async function claimDuePolls(
  tx: Tx,
  shard: number,
  connectionId: string,
  max: number,
  only: PollPriority,
): Promise<ClaimedPoll[]> {
  const which = {
    ready: tx`ready`,
    // One poll answers all copies of a callback: those that are kept and not read yet would ask for another.
    urgent: tx`urgent and due_at <= now() and not (coalesce(urgent_until > now(), false) and exists (
      select 1 from inbox_queue i
      join callback_readings r on r.shard = ${shard} and r.callback_id = i.callback_id
      where i.shard = ${shard} and r.changed and poll_queue.transaction_id = any(r.transaction_ids)))`,
    audit: tx`audit and due_at <= now()`,
  }[only];
  return await claimWhere(
    tx,
    shard,
    tx`select ctid as entry, urgent from poll_queue
      where shard = ${shard} and connection_id = ${connectionId} and ${which}
      order by transaction_id desc limit ${max} for update skip locked`,
  );
}

/**
 * Leases up to `max` entries past their end time, oldest end first. `expiredOnly` leaves out those that only give up.
 */
export async function claimOverdue(
  tx: Tx,
  shard: number,
  max: number,
  scope: { connectionId: string | null; merchantId: string | null; expiredOnly: boolean },
): Promise<ClaimedPoll[]> {
  const { connectionId, merchantId, expiredOnly } = scope;
  return await claimWhere(
    tx,
    shard,
    tx`select q.ctid as entry, q.urgent from poll_queue q
      cross join lateral (
        select merchant_id, expires_at from transactions where shard = ${shard} and id = q.transaction_id limit 1
      ) t
      where q.shard = ${shard} and q.ends_at <= now()
        and (q.lease_id is null or q.due_at <= now())
        ${connectionId === null ? tx`` : tx`and q.connection_id = ${connectionId}`}
        ${merchantId === null ? tx`` : tx`and t.merchant_id = ${merchantId}`}
        ${expiredOnly ? tx`and t.expires_at <= now()` : tx``}
      order by q.ends_at limit ${max} for update of q skip locked`,
  );
}

/** Leases one transaction's entry, and creates it where there is none; null where another worker holds the lease. */
export async function claimForPoll(tx: Tx, shard: number, entry: ScheduleEntry): Promise<ClaimedPoll | null> {
  const { transactionId, connectionId, endsAt } = entry;
  await tx`
    insert into poll_queue (shard, transaction_id, connection_id, due_at, ends_at, ready, urgent)
    values (${shard}, ${transactionId}, ${connectionId}, now(), ${endsAt}, true, false) on conflict do nothing`;
  const claimed = await claimWhere(
    tx,
    shard,
    tx`select ctid as entry, urgent from poll_queue where shard = ${shard} and transaction_id = ${transactionId}
      and (lease_id is null or due_at <= now()) for update`,
  );
  return claimed[0] ?? null;
}

/** Whether a worker holds a lease on the transaction's entry. */
export async function isBeingPolled(sql: Sql, shard: number, transactionId: string): Promise<boolean> {
  const rows = await sql`
    select 1 from poll_queue
    where shard = ${shard} and transaction_id = ${transactionId} and lease_id is not null and due_at > now()`;
  return rows.length > 0;
}

/**
 * `due` selects the entries' ctids, with `urgent`, and locks them, so that they keep their ctids. Each row is looked up
 * by itself: with joins, plans that were made while the tables were empty scanned whole shards.
 */
async function claimWhere(tx: Tx, shard: number, due: postgres.PendingQuery<postgres.Row[]>): Promise<ClaimedPoll[]> {
  const finding = tx`jsonb_build_object('id', e.id, 'sealed', encode(e.sealed, 'base64'), 'finding', e.finding,
    'learntAt', extract(epoch from e.learnt_at)::float8 * 1000)`;
  const rows = await tx<ClaimRow[]>`
    with due as materialized (
      select entry, urgent, gen_random_uuid()::text as lease_id,
        clock_timestamp() + make_interval(secs => ${leaseS}) as leased_until
      from (${due}) as entries
    ),
    leased as materialized (
      update poll_queue q set
        lease_id = overlay(due.lease_id placing ${leasePrefix} from 1)::uuid, due_at = due.leased_until,
        ready = false, urgent = false
      from due where q.shard = ${shard} and q.ctid = due.entry
      returning q.transaction_id, q.lease_id, due.urgent as was_urgent, q.audit as is_audit, q.ends_at, q.asked_at,
        q.tries, q.failures
    )
    select leased.*, t.*,
      (select jsonb_agg(${finding} order by e.learnt_at) from evidence e
        where e.shard = ${shard} and e.transaction_id = t.id and e.source = 'poll' and e.says in ('failed', 'expired')
        ) as failures_told,
      (select jsonb_agg(${finding} order by e.learnt_at desc) from evidence e
        where e.shard = ${shard} and e.transaction_id = t.id and t.review->>'reason' = 'amount_mismatch'
          and e.says = 'completed'
          and (select p.outcome from polls p where p.shard = ${shard} and p.transaction_id = t.id
            order by p.id desc limit 1) is distinct from 'deferred') as successes_in_doubt
    from leased
    cross join lateral (select * from transactions where shard = ${shard} and id = leased.transaction_id limit 1) t
    order by t.id desc`;
  return rows.map(row => ({
    leaseId: row.lease_id,
    wasUrgent: row.was_urgent,
    isAudit: row.is_audit,
    endsAt: row.ends_at,
    polledAt: row.asked_at,
    tries: row.tries,
    failures: row.failures,
    provisionalSince: provisionalSince(row.failures_told ?? [], tx.vault),
    receiptInDoubt: receiptInDoubt(row.successes_in_doubt ?? [], tx.vault),
    transaction: transactionFromRow(row, tx.vault),
  }));
}

const countMax = 100_000;

/** Entries of a connection that wait, counted up to 100,000, and entries that are leased: audits, or all others. */
export async function countDuePolls(
  sql: Sql,
  shard: number,
  connectionId: string,
  only: PollPriority,
): Promise<{ waiting: number; leased: number }> {
  const [isWaiting, isOne] =
    only === "audit" ? [sql`audit and lease_id is null`, sql`audit`] : [sql`ready`, sql`not audit`];
  const [row] = await sql<{ waiting: bigint; leased: bigint }[]>`
    select
      (select count(*) from (select 1 from poll_queue
        where shard = ${shard} and connection_id = ${connectionId} and ${isWaiting} limit ${countMax}) as counted
      ) as waiting,
      (select count(*) from poll_queue
        where shard = ${shard} and connection_id = ${connectionId} and ${isOne}
          and lease_id is not null and due_at > now()) as leased`;
  return { waiting: Number(row!.waiting), leased: Number(row!.leased) };
}

/** When the first failure was told that is not believed yet. */
function provisionalSince(told: ToldFinding[], vault: Vault): Date | null {
  const first = told.find(each => openTold(each, vault).provisional === true);
  return first === undefined ? null : new Date(first.learntAt);
}

/** The latest receipt that was told. */
function receiptInDoubt(told: ToldFinding[], vault: Vault): string | null {
  for (const each of told) {
    const { receipt } = openTold(each, vault).refs as { receipt?: string };
    if (receipt !== undefined) return receipt;
  }
  return null;
}

function openTold({ id, sealed, finding }: ToldFinding, vault: Vault): Record<string, unknown> {
  return openFinding({ id, sealed: sealed === null ? null : Buffer.from(sealed, "base64"), finding }, vault);
}
