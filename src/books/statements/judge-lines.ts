import type { Sql } from "../../database/connect.ts";
import { judge } from "./judge.ts";
import { type KnownTransaction, transactionsByReceipt, transactionsWithoutReceipt } from "./known-store.ts";
import { earlierLines, insertLines, type JudgedLine } from "./line-store.ts";
import type { Movement, StatementLine } from "./read/line.ts";

/** The statement that lines are judged for. */
export type JudgedStatement = { shard: number; statementId: string; connectionId: string; currency: string };

/**
 * Judges a batch of lines by what is known now, and keeps them with their verdicts, before any of them settles: a
 * verdict is of the moment of import, also where the import is interrupted and goes on.
 */
export async function judgeLines(sql: Sql, statement: JudgedStatement, lines: StatementLine[]): Promise<JudgedLine[]> {
  const { shard, statementId, connectionId, currency } = statement;
  const movements = lines.filter((line): line is Movement => line.isReadable);
  const receipts = [...new Set(movements.map(({ receipt }) => receipt))];
  const named = [...new Set([...receipts, ...movements.flatMap(({ reverses }) => reverses ?? [])])];
  const [byReceipt, earlier] = await Promise.all([
    transactionsByReceipt(sql, shard, connectionId, named),
    earlierLines(sql, shard, statementId, receipts, lines[0]!.seq),
  ]);
  const unknown = movements.filter(line => isPaymentIn(line) && !byReceipt.has(line.receipt));
  const byReference = await referencesOf(sql, statement, unknown);
  const judged: JudgedLine[] = [];
  for (const line of lines) {
    const key = line.isReadable ? line.key : "";
    const judgement = judge(line, {
      currency,
      byReceipt,
      byReference: byReference.get(line.seq) ?? null,
      earlier: earlier.get(key) ?? null,
    });
    const { verdict, transactionId } = judgement;
    if (line.isReadable && !earlier.has(key)) {
      earlier.set(key, { line: line.line, verdict, at: line.at, balance: line.balance, transactionId });
    }
    judged.push({ line, judgement });
  }
  await insertLines(sql, statement, judged);
  return judged;
}

function isPaymentIn({ nature, amount, reference }: Movement): boolean {
  return nature === "payment" && amount > 0n && reference !== undefined;
}

/** By the line's row: the transaction that its reference names. A transaction is named by one line only. */
async function referencesOf(
  sql: Sql,
  { shard, connectionId }: JudgedStatement,
  lines: Movement[],
): Promise<Map<number, KnownTransaction>> {
  const questions = lines.map(({ seq, reference, amount, at }) => ({ seq, reference: reference!, amount, at }));
  const candidates = await transactionsWithoutReceipt(sql, shard, connectionId, questions);
  const found = new Map<number, KnownTransaction>();
  const taken = new Set<string>();
  for (const { seq, ...known } of candidates) {
    if (found.has(seq) || taken.has(known.id)) continue;
    found.set(seq, known);
    taken.add(known.id);
  }
  return found;
}
