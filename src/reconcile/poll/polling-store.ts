import type { Sql } from "../../database/connect.ts";
import { isFinal } from "../../domain/kinds.ts";
import type { Transaction } from "../../domain/transaction.ts";
import { readCallLimits } from "../calls/call-limits-store.ts";
import type { ReconcileDeps } from "../deps.ts";
import { whyNotPollNow } from "./next-action.ts";

/** A poll as the timeline of a transaction shows it. */
export type TimelinePoll = { at: Date; outcome: string; reason: string | null; latency_ms: number | null };

const pollsMax = 200;

/** The newest 200 polls of a transaction, oldest first. */
export async function pollsOf(sql: Sql, shard: number, transactionId: string): Promise<TimelinePoll[]> {
  const rows = await sql<TimelinePoll[]>`
    select at, outcome, reason, latency_ms from polls
    where shard = ${shard} and transaction_id = ${transactionId} order by id desc limit ${pollsMax}`;
  return [...rows].reverse();
}

/** How a transaction is being asked about: `polling` in the API. */
export type Polling = {
  /** When the provider is asked next; in the past where the poll waits for the rate limit, a pause or a pass. */
  next_at: Date;
  /** The last poll and what came of it; null before the first. */
  last_at: Date | null;
  last_outcome: string | null;
  /** Polls that the provider answered. */
  tries: number;
  /** When asking ends, and the transaction expires or is unresolved. */
  ends_at: Date;
};

type Polled = Pick<Transaction, "shard" | "id" | "connectionId" | "kind" | "refs" | "status">;

/** Null where the transaction is finished, where the provider cannot be asked about it, and where asking has ended. */
export async function pollingOf(
  { sql, providers, directory }: Pick<ReconcileDeps, "sql" | "providers" | "directory">,
  t: Polled,
): Promise<Polling | null> {
  if (isFinal(t.status)) return null;
  const connection = await directory.byId(t.shard, t.connectionId);
  const provider = connection && providers.get(connection.provider);
  if (!connection || !provider) return null;
  const limits = await readCallLimits(sql, t.shard, connection.id);
  if (whyNotPollNow(provider, connection, { limits, isDeleted: false }, t) !== null) return null;
  const [row] = await sql<Polling[]>`
    select case when q.lease_id is not null then q.due_at else least(q.due_at, q.ends_at) end as next_at,
      p.at as last_at, p.outcome as last_outcome, q.tries, q.ends_at
    from poll_queue q left join lateral (
      select at, outcome from polls where shard = ${t.shard} and transaction_id = q.transaction_id
      order by id desc limit 1
    ) p on true
    where q.shard = ${t.shard} and q.transaction_id = ${t.id}`;
  return row ?? null;
}
