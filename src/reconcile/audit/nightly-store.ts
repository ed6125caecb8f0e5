import type { Sql, Tx } from "../../database/connect.ts";

/** A connection whose finished transactions are audited by night (`settings.reconcile.audit`). */
export type NightlyAudit = { shard: number; connectionId: string; share: number; amountFrom: string | null };

/** Connections with nightly audits that have not had the one of `night`. */
export async function nightlyAuditsDue(
  sql: Sql,
  night: Date,
  scope: { merchantId: string | null; connectionId: string | null },
): Promise<NightlyAudit[]> {
  return await sql<NightlyAudit[]>`
    select c.shard, c.id as "connectionId",
      coalesce((c.settings->'reconcile'->'audit'->>'share')::float8, 1) as share,
      c.settings->'reconcile'->'audit'->>'amount_from' as "amountFrom"
    from connections c left join audit_cursors a on a.shard = c.shard and a.connection_id = c.id
    where c.deleted_at is null and c.settings->'reconcile'->'audit' is not null
      and (a.audited_to is null or a.audited_to < ${night})
      ${scope.merchantId === null ? sql`` : sql`and c.merchant_id = ${scope.merchantId}`}
      ${scope.connectionId === null ? sql`` : sql`and c.id = ${scope.connectionId}`}`;
}

/**
 * Locks a connection's cursor and moves it to `night`; returns where it was. Null where there is nothing to audit:
 * another process was first, or the connection has just got its cursor, and its first audit is that of the next night.
 */
export async function takeNight(tx: Tx, shard: number, connectionId: string, night: Date): Promise<Date | null> {
  const made = await tx<{ connection_id: string }[]>`
    insert into audit_cursors (shard, connection_id, audited_to) values (${shard}, ${connectionId}, ${night})
    on conflict do nothing returning connection_id`;
  if (made.length > 0) return null;
  const [row] = await tx<{ before: Date }[]>`
    select audited_to as before from audit_cursors
    where shard = ${shard} and connection_id = ${connectionId} for update`;
  if (row === undefined || row.before >= night) return null;
  await tx`
    update audit_cursors set audited_to = ${night} where shard = ${shard} and connection_id = ${connectionId}`;
  return row.before;
}
