import type { Queryable, Sql } from "../../database/connect.ts";
import { everyShard } from "../../database/every-shard.ts";
import type { StoredAlert } from "../open/alert-store.ts";

export type MessageAbout = "opened" | "closed" | "reminder" | "test";

export type NewMessage = { id: string; alertId: string; channelId: string; about: MessageAbout; number: number };

/** A message under a lease. `alertId` is null for a test. */
export type ClaimedMessage = {
  shard: number;
  id: string;
  alertId: string | null;
  channelId: string;
  about: MessageAbout;
  number: number;
  attempts: number;
};

/** A message's lease, in seconds. */
const leaseS = 30;
const untoldMax = 500;

/** Alerts whose last change is not queued for the channels yet, oldest first. */
export async function untoldAlerts(sql: Sql): Promise<{ shard: number; id: string }[]> {
  return await sql<{ shard: number; id: string }[]>`
    select shard, id from alerts where shard = any(${everyShard(sql)}) and not told order by id limit ${untoldMax}`;
}

/** Locks those of the alerts that are still untold. */
export async function lockUntold(tx: Queryable, shard: number, ids: readonly string[]) {
  return await tx<Pick<StoredAlert, "id" | "kind" | "merchantId" | "openedAt" | "closedAt">[]>`
    select id, kind, merchant_id as "merchantId", opened_at as "openedAt", closed_at as "closedAt" from alerts
    where shard = ${shard} and id = any(${ids as string[]}::uuid[]) and not told order by id for update skip locked`;
}

/** Queues messages. A message that is there already stays as it is. */
export async function queueMessages(tx: Queryable, shard: number, messages: readonly NewMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const column = <T>(pick: (message: NewMessage) => T) => messages.map(pick);
  await tx`
    insert into alert_messages (shard, id, alert_id, channel_id, about, number, due_at)
    select ${shard}, id, alert_id, channel_id, about, number, now()
    from unnest(${column(m => m.id)}::uuid[], ${column(m => m.alertId)}::uuid[], ${column(m => m.channelId)}::uuid[],
      ${column(m => m.about)}::text[], ${column(m => m.number)}::int4[]) as m (id, alert_id, channel_id, about, number)
    on conflict do nothing`;
}

/** Queues reminders, each where the channel was told of the alert and nothing else waits for it. */
export async function queueReminders(sql: Queryable, shard: number, messages: readonly NewMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const column = <T>(pick: (message: NewMessage) => T) => messages.map(pick);
  await sql`
    insert into alert_messages (shard, id, alert_id, channel_id, about, number, due_at)
    select ${shard}, m.id, m.alert_id, m.channel_id, 'reminder', m.number, now()
    from unnest(${column(m => m.id)}::uuid[], ${column(m => m.alertId)}::uuid[], ${column(m => m.channelId)}::uuid[],
      ${column(m => m.number)}::int4[]) as m (id, alert_id, channel_id, number)
    join alert_messages o on o.shard = ${shard} and o.alert_id = m.alert_id and o.channel_id = m.channel_id
      and o.about = 'opened'
    where not exists (
      select 1 from alert_messages w
      where w.shard = ${shard} and w.alert_id = m.alert_id and w.channel_id = m.channel_id and w.state = 'pending')
    on conflict do nothing`;
}

export async function queueTest(sql: Queryable, shard: number, id: string, channelId: string): Promise<void> {
  await sql`
    insert into alert_messages (shard, id, channel_id, about, due_at)
    values (${shard}, ${id}, ${channelId}, 'test', now())`;
}

export async function markTold(tx: Queryable, shard: number, ids: readonly string[]): Promise<void> {
  await tx`update alerts set told = true where shard = ${shard} and id = any(${ids as string[]}::uuid[])`;
}

/** Open alerts that are not acknowledged, oldest first. */
export async function unacknowledged(sql: Sql) {
  return await sql<Pick<StoredAlert, "shard" | "id" | "kind" | "merchantId" | "openedAt">[]>`
    select shard, id, kind, merchant_id as "merchantId", opened_at as "openedAt" from alerts
    where shard = any(${everyShard(sql)}) and closed_at is null and acknowledged_at is null
    order by opened_at limit ${untoldMax}`;
}

export async function shardsWithMessages(sql: Sql): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`
    select distinct shard from alert_messages
    where shard = any(${everyShard(sql)}) and state = 'pending' and due_at <= now()`;
  return rows.map(({ shard }) => shard);
}

/** Leases due messages of one shard. A channel hears of one alert in order: a message waits for the one before it. */
export async function claimMessages(sql: Sql, shard: number, leaseId: string, max: number): Promise<ClaimedMessage[]> {
  return await sql<ClaimedMessage[]>`
    with due as materialized (
      select m.id from alert_messages m
      where m.shard = ${shard} and m.state = 'pending' and m.due_at <= now() and not exists (
        select 1 from alert_messages e
        where e.shard = ${shard} and e.alert_id = m.alert_id and e.channel_id = m.channel_id and e.state = 'pending'
          and e.id < m.id)
      order by m.due_at limit ${max} for update skip locked
    )
    update alert_messages m
    set lease_id = ${leaseId}, due_at = now() + make_interval(secs => ${leaseS}), attempts = m.attempts + 1
    from due where m.shard = ${shard} and m.id = due.id
    returning m.shard, m.id, m.alert_id as "alertId", m.channel_id as "channelId", m.about, m.number, m.attempts`;
}

/** Records an attempt while its lease is held. `retryS`: seconds until the next attempt; null ends the message. */
export async function recordMessage(
  sql: Queryable,
  { shard, id }: ClaimedMessage,
  leaseId: string,
  outcome: { error: string | null; retryS: number | null },
): Promise<void> {
  const { error, retryS } = outcome;
  if (error !== null && retryS !== null) {
    await sql`
      update alert_messages
      set lease_id = null, error = ${error}, due_at = now() + make_interval(secs => ${retryS})
      where shard = ${shard} and id = ${id} and lease_id = ${leaseId}`;
    return;
  }
  await sql`
    update alert_messages
    set state = ${error === null ? "delivered" : "failed"}, lease_id = null, error = ${error}, finished_at = now()
    where shard = ${shard} and id = ${id} and lease_id = ${leaseId}`;
}

/** The alert of a message, with the names that people know its subject by. */
export async function alertForMessage(
  sql: Queryable,
  shard: number,
  id: string,
): Promise<(StoredAlert & AlertNames) | null> {
  const [row] = await sql<(StoredAlert & AlertNames)[]>`
    select a.shard, a.id, a.merchant_id as "merchantId", a.kind, a.subject, a.connection_id as "connectionId",
      a.endpoint_id as "endpointId", a.channel, a.environment, a.detail, a.opened_event as "openedEvent",
      a.closed_event as "closedEvent", a.opened_at as "openedAt", a.acknowledged_at as "acknowledgedAt",
      a.acknowledged_by as "acknowledgedBy", a.closed_at as "closedAt",
      m.name as "merchantName", c.name as "connectionName", c.provider, e.url as "endpointUrl"
    from alerts a
    left join merchants m on m.shard = ${shard} and m.id = a.merchant_id
    left join connections c on c.shard = ${shard} and c.id = a.connection_id
    left join endpoints e on e.shard = ${shard} and e.id = a.endpoint_id
    where a.shard = ${shard} and a.id = ${id}`;
  return row ?? null;
}

/** What people call the things that an alert is about. */
export type AlertNames = {
  merchantName: string | null;
  connectionName: string | null;
  provider: string | null;
  endpointUrl: string | null;
};
