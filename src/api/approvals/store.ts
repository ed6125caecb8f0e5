import { and, desc, eq, gt, inArray, lte, type SQL, sql } from "drizzle-orm";
import { apiKeys } from "../../database/schema/merchants.ts";
import { approvals, operators } from "../../database/schema/people.ts";
import { parseId, shardOf } from "../../domain/ids.ts";
import { operatorShard } from "../auth/api-key.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

export type ApprovalRow = typeof approvals.$inferSelect;
export const approvalStates = ["pending", "approved", "rejected", "lapsed"] as const;
export type ApprovalState = (typeof approvalStates)[number];

type NewApproval = Omit<
  ApprovalRow,
  "state" | "decidedBy" | "decidedByName" | "decidedAt" | "doneAt" | "createdAt" | "expiresAt"
>;

/** An approval waits for so long. */
const lifetime = sql`interval '24 hours'`;

export async function insertApproval(tx: DrizzleQueryable, approval: NewApproval): Promise<ApprovalRow> {
  const [row] = await tx
    .insert(approvals)
    .values({ ...approval, state: "pending", expiresAt: sql`now() + ${lifetime}` })
    .returning();
  return row!;
}

/** The newest approval of the same call within the last 24 hours after its end. */
export async function sameApproval(
  tx: DrizzleQueryable,
  shard: number,
  fingerprint: Buffer,
): Promise<ApprovalRow | null> {
  const [row] = await tx
    .select()
    .from(approvals)
    .where(
      and(
        eq(approvals.shard, shard),
        eq(approvals.fingerprint, fingerprint),
        gt(approvals.expiresAt, sql`now() - ${lifetime}`),
      ),
    )
    .orderBy(desc(approvals.id))
    .limit(1);
  return row ?? null;
}

const isApproval = (id: string, merchantId: string | null) =>
  and(
    eq(approvals.shard, shardOf(id)),
    eq(approvals.id, id),
    merchantId === null ? undefined : eq(approvals.merchantId, merchantId),
  );

export async function findApproval(db: DrizzleQueryable, id: string, merchantId: string | null) {
  const [row] = await db.select().from(approvals).where(isApproval(id, merchantId));
  return row ?? null;
}

/** The same, locked until the database transaction ends: of two decisions one comes first. */
export async function lockApproval(tx: DrizzleQueryable, id: string, merchantId: string | null) {
  const [row] = await tx.select().from(approvals).where(isApproval(id, merchantId)).for("update");
  return row ?? null;
}

export async function decideApproval(
  tx: DrizzleQueryable,
  row: ApprovalRow,
  decision: { state: "approved" | "rejected"; decidedBy: string; decidedByName: string },
): Promise<ApprovalRow> {
  const [decided] = await tx
    .update(approvals)
    .set({ ...decision, decidedAt: sql`now()` })
    .where(isApproval(row.id, null))
    .returning();
  return decided!;
}

export async function markDone(db: DrizzleQueryable, row: ApprovalRow): Promise<ApprovalRow> {
  const [done] = await db.update(approvals).set({ doneAt: sql`now()` }).where(isApproval(row.id, null)).returning();
  return done!;
}

export async function approvalIds(
  db: DrizzleQueryable,
  shard: number,
  slice: Slice,
  filter: { merchantId: string | null; state?: ApprovalState | undefined },
) {
  return idsOfShard(db, approvals, approvals, shard, slice, [
    filter.merchantId === null ? undefined : eq(approvals.merchantId, filter.merchantId),
    filter.state === undefined ? undefined : inState(filter.state),
  ]);
}

function inState(state: ApprovalState): SQL | undefined {
  const isOver = lte(approvals.expiresAt, sql`now()`);
  if (state === "lapsed") return and(eq(approvals.state, "pending"), isOver);
  if (state === "pending") return and(eq(approvals.state, "pending"), gt(approvals.expiresAt, sql`now()`));
  return eq(approvals.state, state);
}

export async function approvalsById(db: DrizzleQueryable, shard: number, ids: string[]): Promise<ApprovalRow[]> {
  return db
    .select()
    .from(approvals)
    .where(and(eq(approvals.shard, shard), inArray(approvals.id, ids)));
}

/** Who made an operator's or a merchant's key, by its public id; deleted ones too. Null where that is not known. */
export async function makerOf(db: DrizzleQueryable, actor: string): Promise<string | null> {
  const operatorId = parseId("operator", actor);
  if (operatorId !== null) {
    const [row] = await db
      .select({ by: operators.createdBy })
      .from(operators)
      .where(and(eq(operators.shard, operatorShard), eq(operators.id, operatorId)));
    return row?.by ?? null;
  }
  const keyId = parseId("apiKey", actor);
  if (keyId === null) return null;
  const [row] = await db
    .select({ by: apiKeys.createdBy })
    .from(apiKeys)
    .where(and(eq(apiKeys.shard, shardOf(keyId)), eq(apiKeys.id, keyId)));
  return row?.by ?? null;
}
