import type { Queryable } from "../../database/connect.ts";
import type { AlertCause } from "../../domain/alerts.ts";
import { lowestUuid } from "../../domain/ids.ts";
import { simulationMerchant } from "../../domain/simulation.ts";
import { channelOfSubject, channelSubject, type SourceScope } from "./scope.ts";
import { knownChannels, unknownChannelName } from "./unknown-channel.ts";

const dayMs = 86_400_000;
/** A callback that is never read again would keep its alert open for good: it closes so long after the last one. */
const quietMs = { quarantine: dayMs, wrongReceiver: 7 * dayMs } as const;

type Row = { id: string; merchantId: string; environment: "production" | "sandbox"; channel: string };

/** The channels with a callback in quarantine that arrived within a day, but for those of another receiver. */
export async function quarantineCauses(
  tx: Queryable,
  { shard, subjects }: SourceScope,
  now: Date,
): Promise<AlertCause[]> {
  const named = subjects.map(channelOfSubject);
  // The newest first: the one that is being written is found at once.
  const rows = await tx<Row[]>`
    select c.id, c.merchant_id as "merchantId", c.environment, s.channel
    from unnest(${named.map(s => s.connectionId)}::uuid[], ${named.map(s => s.channel)}::text[])
      as s (connection_id, channel)
    join connections c on c.shard = ${shard} and c.id = s.connection_id and c.deleted_at is null
    join merchants m on m.shard = ${shard} and m.id = c.merchant_id and m.name <> ${simulationMerchant}
    cross join lateral (
      select r.callback_id
      from callback_readings r join callbacks k on k.shard = ${shard} and k.id = r.callback_id
      where r.shard = ${shard} and r.state = 'quarantined' and r.wrong_receiver is null
        and r.callback_id > ${lowestUuid(now.getTime() - quietMs.quarantine)} and k.connection_id = s.connection_id
        and (k.channel = s.channel
          or (s.channel = ${unknownChannelName} and k.channel <> all(${knownChannels as string[]}::text[])))
      order by r.callback_id desc limit 1
    ) as newest`;
  return rows.map(({ id, merchantId, environment, channel }) => ({
    subject: channelSubject(id, channel),
    merchantId,
    connectionId: id,
    endpointId: null,
    channel,
    environment,
    detail: "Callbacks of this channel could not be read or verified. Their problems say why.",
  }));
}

/** The connections with a callback in quarantine for its receiver. */
export async function wrongReceiverCauses(
  tx: Queryable,
  { shard, subjects }: SourceScope,
  now: Date,
): Promise<AlertCause[]> {
  const rows = await tx<Omit<Row, "channel">[]>`
    select c.id, c.merchant_id as "merchantId", c.environment
    from connections c
    join merchants m on m.shard = ${shard} and m.id = c.merchant_id and m.name <> ${simulationMerchant}
    where c.shard = ${shard} and c.id = any(${subjects as string[]}::uuid[]) and c.deleted_at is null
      and exists (
        select 1 from callback_readings r join callbacks k on k.shard = ${shard} and k.id = r.callback_id
        where r.shard = ${shard} and r.wrong_receiver is not null and r.state = 'quarantined'
          and r.callback_id > ${lowestUuid(now.getTime() - quietMs.wrongReceiver)} and k.connection_id = c.id)`;
  return rows.map(({ id, merchantId, environment }) => ({
    subject: id,
    merchantId,
    connectionId: id,
    endpointId: null,
    channel: null,
    environment,
    detail:
      "A callback names a receiver that is not this connection's. Add it to settings.receivers if it is, and it is " +
      "read again by itself.",
  }));
}
