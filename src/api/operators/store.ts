import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { operators } from "../../database/schema/people.ts";
import { operatorShard } from "../auth/api-key.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

export type OperatorRow = typeof operators.$inferSelect;
type NewOperator = Pick<OperatorRow, "id" | "name" | "role" | "keyHash" | "createdBy">;

export async function insertOperator(tx: DrizzleQueryable, operator: NewOperator): Promise<OperatorRow> {
  const [row] = await tx
    .insert(operators)
    .values({ shard: operatorShard, ...operator })
    .returning();
  return row!;
}

export async function operatorIds(db: DrizzleQueryable, slice: Slice) {
  return idsOfShard(db, operators, operators, operatorShard, slice, [isNull(operators.deletedAt)]);
}

export async function operatorsById(db: DrizzleQueryable, ids: string[]): Promise<OperatorRow[]> {
  return db
    .select()
    .from(operators)
    .where(and(eq(operators.shard, operatorShard), inArray(operators.id, ids)));
}

/** Deletes an operator, and returns who it was; null where there is none, or it was deleted before. */
export async function deleteOperator(tx: DrizzleQueryable, id: string): Promise<OperatorRow | null> {
  const [row] = await tx
    .update(operators)
    .set({ deletedAt: sql`now()` })
    .where(and(eq(operators.shard, operatorShard), eq(operators.id, id), isNull(operators.deletedAt)))
    .returning();
  return row ?? null;
}
