import type { Logger } from "pino";
import { throttledLog } from "../../batch/throttled-log.ts";
import type { Sql } from "../../database/connect.ts";
import { newLeaseId } from "../../database/lease-ids.ts";
import { type AlertChannel, allChannels, noteOutcome } from "./channel-store.ts";
import {
  alertForMessage,
  type ClaimedMessage,
  claimMessages,
  recordMessage,
  shardsWithMessages,
} from "./message-store.ts";
import { type SendDeps, sendMessage } from "./send-message.ts";
import { remindChannels, tellChannels } from "./tell-channels.ts";

/** Waits after each failed attempt, in seconds; then the message has failed. */
const retryS = [5, 30, 120, 600, 1800, 3600, 10_800] as const;
/** Messages that are being sent at once. */
const inFlightMax = 32;

export type MessengerDeps = SendDeps & { sql: Sql; log: Logger };

export type Messenger = {
  /** Queues messages for what changed and sends what is due. Resolves when messages are on their way. Never rejects. */
  tick(): Promise<void>;
  /** Resolves when the messages on their way are recorded. */
  idle(): Promise<void>;
};

/** Tells the channels of alerts: queues messages, sends them, tries again. Leases keep two processes apart. */
export function createMessenger(deps: MessengerDeps): Messenger {
  const { sql, log, now } = deps;
  const warn = throttledLog(log, "messages about alerts are not sent for the moment");
  const running = new Set<Promise<void>>();
  const reminded = new Map<string, number>();
  let ticking: Promise<void> | null = null;

  async function look(): Promise<void> {
    const channels = await allChannels(sql);
    await tellChannels(sql, channels);
    await remindChannels(sql, channels, reminded, now());
    for (const shard of await shardsWithMessages(sql)) {
      const free = inFlightMax - running.size;
      if (free <= 0) return;
      const leaseId = newLeaseId();
      for (const message of await claimMessages(sql, shard, leaseId, free)) start(message, leaseId, channels);
    }
  }

  function start(message: ClaimedMessage, leaseId: string, channels: readonly AlertChannel[]): void {
    const sending = send(message, leaseId, channels)
      .catch(warn)
      .finally(() => running.delete(sending));
    running.add(sending);
  }

  async function send(message: ClaimedMessage, leaseId: string, channels: readonly AlertChannel[]): Promise<void> {
    const channel = channels.find(({ id }) => id === message.channelId);
    if (!channel) return recordMessage(sql, message, leaseId, { error: "the channel was deleted", retryS: null });
    const alert = message.alertId === null ? null : await alertForMessage(sql, message.shard, message.alertId);
    const error = await sendMessage(deps, channel, message, alert);
    await recordMessage(sql, message, leaseId, { error, retryS: retryS[message.attempts - 1] ?? null });
    await noteOutcome(sql, channel, error);
    if (error !== null)
      log.warn({ channel_id: channel.id, attempt: message.attempts, error }, "alert message not taken");
  }

  return {
    tick() {
      ticking ??= look()
        .catch(warn)
        .finally(() => {
          ticking = null;
        });
      return ticking;
    },
    async idle() {
      await ticking;
      await Promise.all(running);
    },
  };
}
