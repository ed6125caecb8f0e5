import { syncAlerts } from "../../alerts/open/sync-alerts.ts";
import { channelSubject } from "../../alerts/sources/scope.ts";
import { alertChannelName } from "../../alerts/sources/unknown-channel.ts";
import type { DecidedBatch } from "./decide-changes.ts";

/**
 * The alerts that a written batch opens and closes: of connections whose reviews began or ended, and of channels whose
 * callbacks went into quarantine or came out of it. Most batches have none, and neither wait for `written` nor ask
 * anything. Returns the endpoints to wake.
 */
export async function syncBatchAlerts(batch: DecidedBatch, written: Promise<unknown>): Promise<string[]> {
  const { tx, shard, now } = batch;
  const { quarantined, wrong } = quarantineSubjects(batch);
  const reviews = reviewSubjects(batch);
  if (quarantined.length + wrong.length + reviews.length === 0) return [];
  await written;
  return [
    ...(await syncAlerts(tx, shard, "wrong_receiver", wrong, now)),
    ...(await syncAlerts(tx, shard, "quarantine", quarantined, now)),
    ...(await syncAlerts(tx, shard, "review", reviews, now)),
  ];
}

function reviewSubjects({ changes, merged }: DecidedBatch): string[] {
  const turned = changes.filter(({ update, after }) => {
    const before = update.isNew ? null : update.before.review;
    return (before === null) !== (after.review === null);
  });
  return [...turned.map(({ after }) => after.connectionId), ...merged.filter(t => t.review).map(t => t.connectionId)];
}

/** A callback that is read again may leave a quarantine that it was put into for any reason. */
function quarantineSubjects({ items, lost }: DecidedBatch): { quarantined: string[]; wrong: string[] } {
  const [quarantined, wrong] = [new Set<string>(), new Set<string>()];
  for (const [position, { callback, connection, problems }] of items.entries()) {
    if (!callback || lost[position]) continue;
    const isAgain = callback.reading > 1;
    if (callback.wrongReceiver || isAgain) wrong.add(connection.id);
    if ((problems.length > 0 && !callback.wrongReceiver) || isAgain) {
      quarantined.add(channelSubject(connection.id, alertChannelName(callback.channel)));
    }
  }
  return { quarantined: [...quarantined], wrong: [...wrong] };
}
