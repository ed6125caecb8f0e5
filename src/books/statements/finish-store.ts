import type { Sql, Tx } from "../../database/connect.ts";
import type { ImportClaim } from "./claim-store.ts";
import type { Counts, Verdict } from "./statement-row.ts";
import type { StatementSums } from "./sums.ts";

export type Finish = {
  connectionId: string;
  currency: string;
  sums: StatementSums;
  lastSeq: number;
  problems: string[];
};

/**
 * Ends an import in one database transaction: what only the whole statement shows, the sums and the counts. The file is
 * removed. Null where another process has the import.
 */
export async function finishImport(sql: Sql, claim: ImportClaim, finish: Finish): Promise<Counts | null> {
  return (await sql.begin(async tx => {
    const { shard, id } = claim;
    const [row] = await tx`
      select id from statements where shard = ${shard} and id = ${id} and lease_id = ${claim.leaseId} for update`;
    if (row === undefined) return null;
    await linkCharges(tx, shard, id, finish.connectionId);
    await linkReversals(tx, shard, id, finish.connectionId);
    await keepFees(tx, shard, id);
    await insertMissing(tx, shard, id, finish);
    const counts = await countLines(tx, shard, id);
    await writeStatement(tx, claim, finish, counts);
    await tx`delete from statement_parts where shard = ${shard} and statement_id = ${id}`;
    return counts;
  })) as Counts | null;
}

/** A charge's line may stand before that of its payment, which made the transaction. */
async function linkCharges(tx: Tx, shard: number, statementId: string, connectionId: string): Promise<void> {
  await tx`
    update statement_lines l set transaction_id = t.id
    from transaction_refs r join transactions t on t.shard = r.shard and t.id = r.transaction_id
    where l.shard = ${shard} and l.statement_id = ${statementId} and l.verdict = 'charge' and l.transaction_id is null
      and r.shard = ${shard} and r.value = lower(l.receipt) and t.shard = ${shard} and t.connection_id = ${connectionId}
      and t.merged_into is null`;
}

/** A reversal's line may stand before that of its payment: it is matched where the payment is known by now. */
async function linkReversals(tx: Tx, shard: number, statementId: string, connectionId: string): Promise<void> {
  await tx`
    update statement_lines l set verdict = 'matched', transaction_id = t.id
    from transaction_refs r join transactions t on t.shard = r.shard and t.id = r.transaction_id
    where l.shard = ${shard} and l.statement_id = ${statementId} and l.verdict = 'new' and l.reverses is not null
      and r.shard = ${shard} and r.value = lower(l.reverses) and t.shard = ${shard}
      and t.connection_id = ${connectionId} and t.merged_into is null`;
}

/** Fees count once, whichever statements list them. */
async function keepFees(tx: Tx, shard: number, statementId: string): Promise<void> {
  await tx`
    insert into transaction_fees (shard, transaction_id, key, amount, currency)
    select ${shard}, l.transaction_id, l.key, -sum(l.amount)::int8, min(l.currency) from statement_lines l
    where l.shard = ${shard} and l.statement_id = ${statementId} and l.verdict = 'charge' and l.problem is null
      and l.transaction_id is not null
    group by l.transaction_id, l.key
    on conflict (shard, transaction_id, key) do nothing`;
}

/** What was completed here in the period, and has no line of its own, or only that of its charge. */
async function insertMissing(tx: Tx, shard: number, statementId: string, finish: Finish): Promise<void> {
  await tx`
    delete from statement_lines
    where shard = ${shard} and statement_id = ${statementId} and verdict = 'missing'`;
  const { from, to } = finish.sums;
  if (from === null || to === null) return;
  await tx`
    insert into statement_lines (shard, statement_id, seq, line, verdict, receipt, completed_at, amount, currency,
      transaction_id, problem)
    select ${shard}, ${statementId}, ${finish.lastSeq} + row_number() over (order by t.at, t.id), null, 'missing',
      t.receipt, t.at, case when t.kind in ('stk_push', 'c2b', 'checkout', 'payment') then t.amount else -t.amount end,
      t.currency, t.id,
      case when t.charged then 'only its charge is on the statement' else 'it is not on the statement' end
    from (
      select t.id, t.kind, t.amount, t.currency, coalesce(t.occurred_at, t.created_at) as at,
        coalesce(t.provider_refs->>'receipt', t.provider_refs->>'transaction_ref') as receipt,
        exists (select 1 from statement_lines c where c.shard = ${shard} and c.statement_id = ${statementId}
          and c.verdict = 'charge' and c.receipt = t.provider_refs->>'receipt') as charged
      from transactions t
      where t.shard = ${shard} and t.connection_id = ${finish.connectionId}
        and coalesce(t.occurred_at, t.created_at) between ${from} and ${to}
        and t.status in ('completed', 'refunded') and t.merged_into is null and t.kind not in ('sms', 'email')
        and t.amount is not null
        and not exists (select 1 from statement_lines l where l.shard = ${shard} and l.statement_id = ${statementId}
          and l.own_transaction_id = t.id)
    ) as t`;
}

async function countLines(tx: Tx, shard: number, statementId: string): Promise<Counts> {
  const rows = await tx<{ verdict: Verdict; count: number }[]>`
    select verdict, count(*)::int4 as count from statement_lines
    where shard = ${shard} and statement_id = ${statementId} group by verdict`;
  return Object.fromEntries(rows.map(({ verdict, count }) => [verdict, count]));
}

async function writeStatement(tx: Tx, claim: ImportClaim, finish: Finish, counts: Counts): Promise<void> {
  const { from, to, openingBalance, closingBalance, paidIn, withdrawn, addsUp } = finish.sums;
  await tx`
    update statements set state = 'imported', problems = ${tx.json(finish.problems)}, period_from = ${from},
      period_to = ${to}, opening_balance = ${openingBalance}, closing_balance = ${closingBalance}, paid_in = ${paidIn},
      withdrawn = ${withdrawn}, currency = ${finish.currency}, adds_up = ${addsUp}, counts = ${tx.json(counts)},
      finished_at = now(), lease_id = null
    where shard = ${claim.shard} and id = ${claim.id}`;
}
