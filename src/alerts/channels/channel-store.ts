import type { Queryable, Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { everyShard } from "../../database/every-shard.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import type { AlertKind } from "../../domain/alerts.ts";

/** What a channel keeps sealed: `url` of webhooks and Slack, `bot_token` of Telegram, `secret` of webhooks. */
export type ChannelSecrets = { url?: string; bot_token?: string; secret?: string };

export type AlertChannel = {
  shard: number;
  id: string;
  merchantId: string | null;
  kind: "webhook" | "slack" | "telegram" | "email";
  target: string;
  secrets: string;
  alerts: AlertKind[] | null;
  remindAfterS: number | null;
  createdAt: Date;
};

/** Every channel of the installation and its merchants. They are few. */
export async function allChannels(sql: Sql): Promise<AlertChannel[]> {
  return await sql<AlertChannel[]>`
    select shard, id, merchant_id as "merchantId", kind, target, secrets, alerts, remind_after_s as "remindAfterS",
      created_at as "createdAt"
    from alert_channels where shard = any(${everyShard(sql)}) and deleted_at is null`;
}

/** Opens a channel's secrets. Throws where the key is missing; the error holds no secret. */
export function openSecrets(box: SecretBox, channel: Pick<AlertChannel, "id" | "secrets">): ChannelSecrets {
  return JSON.parse(box.open(channel.secrets, sealContext.alertChannel(channel.id))) as ChannelSecrets;
}

/** Notes how a channel's last message went. */
export async function noteOutcome(
  sql: Queryable,
  { shard, id }: Pick<AlertChannel, "shard" | "id">,
  error: string | null,
): Promise<void> {
  if (error === null) {
    await sql`
      update alert_channels set last_success_at = now(), last_error = null where shard = ${shard} and id = ${id}`;
  } else {
    await sql`
      update alert_channels set last_failure_at = now(), last_error = ${error} where shard = ${shard} and id = ${id}`;
  }
}

/** Whether a channel is told of an alert of this kind and merchant. */
export function takesAlert(channel: AlertChannel, alert: { kind: AlertKind; merchantId: string | null }): boolean {
  const isOwn = channel.merchantId === null || channel.merchantId === alert.merchantId;
  return isOwn && (channel.alerts === null || channel.alerts.includes(alert.kind));
}
