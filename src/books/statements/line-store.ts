import type { Sql } from "../../database/connect.ts";
import type { EarlierLine, Judgement } from "./judge.ts";
import type { StatementLine } from "./read/line.ts";

export type JudgedLine = { line: StatementLine; judgement: Judgement };

type At = { shard: number; statementId: string; currency: string };

/** Keeps lines with their verdicts. A line that is there keeps its first verdict: an import may be interrupted. */
export async function insertLines(sql: Sql, { shard, statementId, currency }: At, judged: JudgedLine[]): Promise<void> {
  const read = judged.map(({ line }) => (line.isReadable ? line : null));
  await sql`
    insert into statement_lines (shard, statement_id, seq, line, verdict, receipt, completed_at, amount, currency,
      balance, transaction_id, own_transaction_id, reverses, problem, key)
    select ${shard}, ${statementId}::uuid, seq, line, verdict, receipt, completed_at, amount, ${currency}, balance,
      transaction_id, own_transaction_id, reverses, problem, key
    from unnest(
      ${judged.map(({ line }) => line.seq)}::int4[], ${judged.map(({ line }) => line.line)}::int4[],
      ${judged.map(({ judgement }) => judgement.verdict)}::text[], ${judged.map(({ line }) => line.receipt)}::text[],
      ${read.map(line => line?.at.toISOString() ?? null)}::timestamptz[],
      ${read.map(line => line?.amount.toString() ?? null)}::int8[],
      ${read.map(line => line?.balance?.toString() ?? null)}::int8[],
      ${judged.map(({ judgement }) => judgement.transactionId)}::uuid[],
      ${judged.map(({ judgement }) => judgement.target)}::uuid[],
      ${read.map(line => line?.reverses ?? null)}::text[], ${judged.map(({ judgement }) => judgement.problem)}::text[],
      ${read.map(line => line?.key ?? null)}::uuid[])
      as l (seq, line, verdict, receipt, completed_at, amount, balance, transaction_id, own_transaction_id, reverses,
        problem, key)
    on conflict (shard, statement_id, seq) do nothing`;
}

/** The lines of a statement with one of the keys, before `seq`. */
export async function earlierLines(
  sql: Sql,
  shard: number,
  statementId: string,
  receipts: string[],
  seq: number,
): Promise<Map<string, EarlierLine>> {
  const rows = await sql<(EarlierLine & { key: string })[]>`
    select key, line, verdict, completed_at as at, balance, transaction_id as "transactionId" from statement_lines
    where shard = ${shard} and statement_id = ${statementId} and receipt = any(${receipts}::text[]) and seq < ${seq}
      and key is not null
    order by seq desc`;
  return new Map(rows.map(({ key, ...line }) => [key, line]));
}

/** The transaction of each line that was settled, and of those that showed none. */
export async function setLineTransactions(
  sql: Sql,
  shard: number,
  statementId: string,
  lines: { seq: number; transactionId: string }[],
): Promise<void> {
  if (lines.length === 0) return;
  await sql`
    update statement_lines l set own_transaction_id = s.id, transaction_id = coalesce(l.transaction_id, s.id)
    from unnest(${lines.map(line => line.seq)}::int4[], ${lines.map(line => line.transactionId)}::uuid[]) as s (seq, id)
    where l.shard = ${shard} and l.statement_id = ${statementId} and l.seq = s.seq`;
}

/** Names what settling refused. */
export async function setLineProblem(sql: Sql, shard: number, statementId: string, seq: number, problem: string) {
  await sql`
    update statement_lines set verdict = 'unreadable', problem = ${problem}
    where shard = ${shard} and statement_id = ${statementId} and seq = ${seq}`;
}
