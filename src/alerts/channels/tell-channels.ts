import type { Sql } from "../../database/connect.ts";
import { newUuid } from "../../domain/ids.ts";
import { type AlertChannel, takesAlert } from "./channel-store.ts";
import {
  lockUntold,
  markTold,
  type NewMessage,
  queueMessages,
  queueReminders,
  unacknowledged,
  untoldAlerts,
} from "./message-store.ts";

/**
 * Queues a message for each channel about each alert that opened or closed. An alert that closed before its opening was
 * told gets both, in order. Repeating it changes nothing: a message has its key. A channel hears of what opened since
 * it was made.
 */
export async function tellChannels(sql: Sql, channels: readonly AlertChannel[]): Promise<void> {
  const untold = await untoldAlerts(sql);
  for (const shard of new Set(untold.map(alert => alert.shard))) {
    const ids = untold.filter(alert => alert.shard === shard).map(({ id }) => id);
    await sql.begin(async tx => {
      const alerts = await lockUntold(tx, shard, ids);
      const messages = alerts.flatMap(alert => {
        const taking = channels.filter(each => takesAlert(each, alert) && each.createdAt <= alert.openedAt);
        const changes = alert.closedAt === null ? (["opened"] as const) : (["opened", "closed"] as const);
        return changes.flatMap(change => taking.map(channel => messageOf(shard, alert.id, channel, change, 0)));
      });
      await queueMessages(tx, shard, messages);
      await markTold(
        tx,
        shard,
        alerts.map(({ id }) => id),
      );
    });
  }
}

/** Queues reminders of alerts that stay open and are not acknowledged. `told` has the last number of each. */
export async function remindChannels(
  sql: Sql,
  channels: readonly AlertChannel[],
  told: Map<string, number>,
  now: Date,
): Promise<void> {
  const reminding = channels.filter(({ remindAfterS }) => remindAfterS !== null);
  if (reminding.length === 0) return told.clear();
  const due = (await unacknowledged(sql)).flatMap(alert =>
    reminding
      .filter(channel => takesAlert(channel, alert))
      .map(channel => {
        const openS = (now.getTime() - alert.openedAt.getTime()) / 1000;
        return { alert, channel, number: Math.floor(openS / channel.remindAfterS!) };
      })
      .filter(({ channel, number }) => number > (told.get(`${alert.id} ${channel.id}`) ?? 0)),
  );
  for (const shard of new Set(due.map(({ alert }) => alert.shard))) {
    const here = due.filter(({ alert }) => alert.shard === shard);
    await queueReminders(
      sql,
      shard,
      here.map(({ alert, channel, number }) => messageOf(shard, alert.id, channel, "reminder", number)),
    );
  }
  for (const { alert, channel, number } of due) told.set(`${alert.id} ${channel.id}`, number);
}

function messageOf(
  shard: number,
  alertId: string,
  channel: AlertChannel,
  about: NewMessage["about"],
  number: number,
): NewMessage {
  return { id: newUuid(shard), alertId, channelId: channel.id, about, number };
}
