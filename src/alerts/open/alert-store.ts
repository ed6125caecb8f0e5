import type { Queryable } from "../../database/connect.ts";
import type { Alert, AlertCause, AlertKind } from "../../domain/alerts.ts";

/** A row of `alerts` with the ids of its events. */
export type StoredAlert = Alert & { openedEvent: string; closedEvent: string };

/** The columns of an alert by the names of `StoredAlert`. */
function columns(sql: Queryable) {
  return sql`shard, id, merchant_id as "merchantId", kind, subject, connection_id as "connectionId",
    endpoint_id as "endpointId", channel, environment, detail, opened_event as "openedEvent",
    closed_event as "closedEvent", opened_at as "openedAt", acknowledged_at as "acknowledgedAt",
    acknowledged_by as "acknowledgedBy", closed_at as "closedAt"`;
}

/**
 * The open alerts of some subjects, locked in one order: who looks whether the cause is gone looks after those who are
 * adding to it have committed.
 */
export async function lockOpenAlerts(
  tx: Queryable,
  shard: number,
  kind: AlertKind,
  subjects: readonly string[],
): Promise<StoredAlert[]> {
  return await tx<StoredAlert[]>`
    select ${columns(tx)} from alerts
    where shard = ${shard} and kind = ${kind} and subject = any(${subjects as string[]}::text[]) and closed_at is null
    order by subject for update`;
}

/** All open alerts of one kind in a shard, locked. */
export async function lockOpenOfKind(tx: Queryable, shard: number, kind: AlertKind): Promise<StoredAlert[]> {
  return await tx<StoredAlert[]>`
    select ${columns(tx)} from alerts
    where shard = ${shard} and kind = ${kind} and closed_at is null
    order by subject for update`;
}

export type NewAlert = AlertCause & { id: string; openedEvent: string; closedEvent: string };

/** Opens alerts; a subject that has an open one already gets none. Returns those that were opened. */
export async function insertAlerts(
  tx: Queryable,
  shard: number,
  kind: AlertKind,
  rows: readonly NewAlert[],
  now: Date,
): Promise<StoredAlert[]> {
  const column = <T>(pick: (row: NewAlert) => T) => rows.map(pick);
  return await tx<StoredAlert[]>`
    insert into alerts (shard, id, merchant_id, kind, subject, connection_id, endpoint_id, channel, environment, detail,
      opened_event, closed_event, opened_at)
    select ${shard}, id, merchant_id, ${kind}, subject, connection_id, endpoint_id, channel, environment, detail,
      opened_event, closed_event, ${now}
    from unnest(${column(r => r.id)}::uuid[], ${column(r => r.merchantId)}::uuid[], ${column(r => r.subject)}::text[],
      ${column(r => r.connectionId)}::uuid[], ${column(r => r.endpointId)}::uuid[], ${column(r => r.channel)}::text[],
      ${column(r => r.environment)}::text[], ${column(r => r.detail)}::text[], ${column(r => r.openedEvent)}::uuid[],
      ${column(r => r.closedEvent)}::uuid[]) as r (id, merchant_id, subject, connection_id, endpoint_id, channel,
      environment, detail, opened_event, closed_event)
    on conflict (shard, kind, subject) where closed_at is null do nothing
    returning ${columns(tx)}`;
}

/** Closes alerts. Returns those that were open. */
export async function closeAlerts(
  tx: Queryable,
  shard: number,
  ids: readonly string[],
  now: Date,
): Promise<StoredAlert[]> {
  return await tx<StoredAlert[]>`
    update alerts set closed_at = greatest(${now}, opened_at), told = false
    where shard = ${shard} and id = any(${ids as string[]}::uuid[]) and closed_at is null
    returning ${columns(tx)}`;
}
