import { and, eq, inArray } from "drizzle-orm";
import { audit } from "../../database/schema/audit.ts";
import type { DrizzleQueryable } from "../deps.ts";
import type { Slice } from "../lists/list.ts";
import { idsOfShard } from "../lists/store.ts";

export type AuditRow = typeof audit.$inferSelect;

export async function auditIds(
  db: DrizzleQueryable,
  shard: number,
  slice: Slice,
  filter: { merchantId: string | null; action?: string | undefined; subject?: string | undefined },
) {
  return idsOfShard(db, audit, audit, shard, slice, [
    filter.merchantId === null ? undefined : eq(audit.merchantId, filter.merchantId),
    filter.action === undefined ? undefined : eq(audit.action, filter.action),
    filter.subject === undefined ? undefined : eq(audit.subject, filter.subject),
  ]);
}

export async function auditById(db: DrizzleQueryable, shard: number, ids: string[]): Promise<AuditRow[]> {
  return db
    .select()
    .from(audit)
    .where(and(eq(audit.shard, shard), inArray(audit.id, ids)));
}
