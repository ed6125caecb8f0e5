import type { Sql, Tx } from "../../database/connect.ts";
import { currencyDigits } from "../../domain/currencies.ts";
import { lowestUuid } from "../../domain/ids.ts";
import { finalStatuses } from "../../domain/kinds.ts";
import { noEnd } from "../../schedule/poll-times.ts";

/** The finished transactions that an audit asks about again. */
export type AuditSelection = {
  /** The transaction became final in this time, the end excluded. */
  finishedAfter: Date;
  finishedBefore: Date;
  /** 0 to 1: a sample by the digest of the id, so that every process and every repetition takes the same. */
  share: number;
  /** Decimal text, in the transaction's own currency; null for every amount and for those without one. */
  amountFrom: string | null;
  merchantId: string | null;
  connectionId: string | null;
};

/** A kind that a provider's status call serves. */
export type PollableKind = { provider: string; kind: string };

/** Clocks of processes, which make the ids of events, and the database's differ by less. */
const clockSkewMs = 60_000;
const sampleSize = 2 ** 32;

/**
 * Queues the selected transactions of a shard for an audit; returns how many. One that is polled for another reason
 * already is left to that poll. Found by their events: each change of a status has one, and ids of events are in the
 * order of time.
 */
export async function queueAudits(tx: Sql | Tx, shard: number, s: AuditSelection, kinds: PollableKind[]) {
  const amountFrom =
    s.amountFrom === null
      ? tx``
      : tx`and t.amount >= ${s.amountFrom}::numeric
          * power(10::numeric, (${JSON.stringify(currencyDigits)}::text::jsonb->>t.currency)::int)`;
  const queued = await tx<{ transaction_id: string }[]>`
    insert into poll_queue (shard, transaction_id, connection_id, due_at, ends_at, ready, urgent, audit)
    select distinct ${shard}::int2, t.id, t.connection_id, date_trunc('milliseconds', now()), ${noEnd}::timestamptz,
      false, false, true
    from (
      select distinct transaction_id from events
      where shard = ${shard} and id >= ${lowestUuid(s.finishedAfter.getTime() - clockSkewMs)}
        and id < ${lowestUuid(s.finishedBefore.getTime() + clockSkewMs)}
        and created_at >= ${s.finishedAfter} and created_at < ${s.finishedBefore}
        and transaction_id is not null and split_part(type, '.', 2) = any(${[...finalStatuses]}::text[])
    ) told
    cross join lateral (
      select coalesce(merged_into, id) as id from transactions
      where shard = ${shard} and id = told.transaction_id limit 1
    ) finished
    cross join lateral (
      select * from transactions where shard = ${shard} and id = finished.id limit 1
    ) t
    join unnest(${kinds.map(each => each.provider)}::text[], ${kinds.map(each => each.kind)}::text[])
      as pollable (provider, kind) on pollable.provider = t.provider and pollable.kind = t.kind
    where t.merged_into is null and t.status = any(${[...finalStatuses]}::text[])
      ${s.merchantId === null ? tx`` : tx`and t.merchant_id = ${s.merchantId}`}
      ${s.connectionId === null ? tx`` : tx`and t.connection_id = ${s.connectionId}`}
      and ('x' || left(md5(t.id::text), 8))::bit(32)::bigint < ${s.share * sampleSize}::float8 ${amountFrom}
    on conflict do nothing
    returning transaction_id`;
  return queued.length;
}

/** Connections with transactions that wait to be audited. */
export async function connectionsWithAudits(sql: Sql): Promise<{ shard: number; connectionId: string }[]> {
  return await sql<{ shard: number; connectionId: string }[]>`
    select distinct shard, connection_id as "connectionId" from poll_queue where audit`;
}

/** Those of the transactions whose deferred answer has come since. */
export async function answeredLater(sql: Sql, shard: number, ids: string[], since: Date): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    select distinct transaction_id as id from evidence
    where shard = ${shard} and transaction_id = any(${ids}::uuid[]) and source = 'poll' and callback_id is not null
      and learnt_at >= ${since}`;
  return new Set(rows.map(({ id }) => id));
}
