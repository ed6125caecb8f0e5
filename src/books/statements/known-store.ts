import type { Sql } from "../../database/connect.ts";
import type { Kind, Status } from "../../domain/kinds.ts";

/** A transaction of a connection that a line may be about. `amount` is minor units. */
export type KnownTransaction = {
  id: string;
  kind: Kind;
  status: Status;
  amount: bigint | null;
  currency: string | null;
};

/** The transactions of a connection that have one of the receipts (kept in small letters), whatever their name. */
export async function transactionsByReceipt(
  sql: Sql,
  shard: number,
  connectionId: string,
  receipts: string[],
): Promise<Map<string, KnownTransaction>> {
  if (receipts.length === 0) return new Map();
  const rows = await sql<(KnownTransaction & { receipt: string })[]>`
    select r.value as receipt, t.id, t.kind, t.status, t.amount, t.currency
    from transaction_refs r join transactions t on t.shard = r.shard and t.id = r.transaction_id
    where r.shard = ${shard} and r.value = any(${receipts.map(receipt => receipt.toLowerCase())}::text[])
      and t.shard = ${shard} and t.connection_id = ${connectionId} and t.merged_into is null
    order by t.id desc`;
  const known = new Map(rows.map(({ receipt, ...transaction }) => [receipt, transaction]));
  return new Map(
    receipts.flatMap(receipt => {
      const transaction = known.get(receipt.toLowerCase());
      return transaction === undefined ? [] : [[receipt, transaction] as const];
    }),
  );
}

export type ReferenceQuestion = { seq: number; reference: string; amount: bigint; at: Date };

/**
 * For payments whose receipt is unknown: the registered transactions of the same reference and amount that have no
 * receipt, unfinished ones first, and of completed ones those of the same day (a poll may say "paid" without one).
 */
export async function transactionsWithoutReceipt(
  sql: Sql,
  shard: number,
  connectionId: string,
  questions: ReferenceQuestion[],
): Promise<(KnownTransaction & { seq: number })[]> {
  if (questions.length === 0) return [];
  return await sql<(KnownTransaction & { seq: number })[]>`
    select q.seq, t.id, t.kind, t.status, t.amount, t.currency
    from unnest(${questions.map(q => q.seq)}::int4[], ${questions.map(q => q.reference.trim())}::text[],
      ${questions.map(q => q.amount.toString())}::int8[], ${questions.map(q => q.at.toISOString())}::timestamptz[])
      as q (seq, reference, amount, at)
    join transactions t on t.shard = ${shard} and t.connection_id = ${connectionId}
      and lower(btrim(t.reference)) = lower(q.reference) and t.reference is not null
    where t.registered and t.merged_into is null and t.amount = q.amount and t.provider_refs->>'receipt' is null
      and t.kind in ('stk_push', 'c2b', 'checkout', 'payment')
      and (t.status in ('pending', 'processing', 'unresolved') or (t.status = 'completed'
        and coalesce(t.occurred_at, t.created_at) between q.at - interval '1 day' and q.at + interval '1 day'))
    order by q.seq, t.status = 'completed', t.id`;
}
