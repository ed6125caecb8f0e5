import { and, asc, eq, gt, inArray, type SQL } from "drizzle-orm";
import type { StatementRow, StatementState, Verdict } from "../../books/statements/statement-row.ts";
import { statementLines, statements } from "../../database/schema/books.ts";
import { shardOf } from "../../domain/ids.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

export type LineRow = typeof statementLines.$inferSelect;

/** A statement; null for another merchant's than `merchantId` (null: any). */
export async function findStatement(
  db: DrizzleQueryable,
  id: string,
  merchantId: string | null,
): Promise<StatementRow | null> {
  const ofMerchant = merchantId === null ? undefined : eq(statements.merchantId, merchantId);
  const [row] = await db
    .select()
    .from(statements)
    .where(and(eq(statements.shard, shardOf(id)), eq(statements.id, id), ofMerchant));
  return (row as StatementRow | undefined) ?? null;
}

export type StatementFilter = {
  merchantId: string | null;
  connection_id?: string | undefined;
  state?: StatementState | undefined;
};

export async function statementIds(db: DrizzleQueryable, shard: number, slice: Slice, filter: StatementFilter) {
  const { merchantId, connection_id, state } = filter;
  return idsOfShard(db, statements, statements, shard, slice, [
    merchantId === null ? undefined : eq(statements.merchantId, merchantId),
    connection_id === undefined ? undefined : eq(statements.connectionId, connection_id),
    state === undefined ? undefined : eq(statements.state, state),
  ]);
}

export async function statementsById(db: DrizzleQueryable, shard: number, ids: string[]): Promise<StatementRow[]> {
  const rows = await db
    .select()
    .from(statements)
    .where(and(eq(statements.shard, shard), inArray(statements.id, ids)));
  return rows as StatementRow[];
}

/** Lines after `seq`, in the order of the file; what is missing on it comes last. */
export async function linesOf(
  db: DrizzleQueryable,
  statementId: string,
  { after, count, verdict }: { after: number; count: number; verdict: Verdict | undefined },
): Promise<LineRow[]> {
  const ofVerdict: SQL | undefined = verdict === undefined ? undefined : eq(statementLines.verdict, verdict);
  return db
    .select()
    .from(statementLines)
    .where(
      and(
        eq(statementLines.shard, shardOf(statementId)),
        eq(statementLines.statementId, statementId),
        gt(statementLines.seq, after),
        ofVerdict,
      ),
    )
    .orderBy(asc(statementLines.seq))
    .limit(count);
}
