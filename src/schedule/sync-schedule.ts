import type { Tx } from "../database/connect.ts";
import { isFinal } from "../domain/kinds.ts";
import { connectionCanPoll } from "../providers/can-poll.ts";
import type { Provider } from "../providers/provider.ts";
import { endOf, isScheduled, never, nextDue, pollTimesOf } from "./poll-times.ts";
import { putOnSchedule, takeOffSchedule } from "./queue-store.ts";
import type { ScheduleChange, ScheduleEntry } from "./schedule-entry.ts";

/**
 * Keeps the schedule in step with what a batch moved: unfinished transactions stand on it, finished ones do not, and a success that does
 * not count rings. Within the batch's database transaction; one statement each way, and none where nothing changed.
 */
export async function syncSchedule(
  tx: Tx,
  shard: number,
  moved: ScheduleChange[],
  providers: ReadonlyMap<string, Provider>,
): Promise<void> {
  const places = moved.flatMap(m => placeOf(providers, m) ?? []);
  const over = moved.filter(isOver).map(m => m.after.id);
  await Promise.all([
    places.length > 0 ? putOnSchedule(tx, shard, places) : null,
    over.length > 0 ? takeOffSchedule(tx, shard, over) : null,
  ]);
}

function placeOf(
  providers: ReadonlyMap<string, Provider>,
  { connection, before, after, pollNow }: ScheduleChange,
): ScheduleEntry | null {
  if (connection === null || after.mergedInto !== null) return null;
  const [was, is] = [before !== null && isScheduled(before), isScheduled(after)];
  const isNews = is && (!was || before?.expiresAt?.getTime() !== after.expiresAt?.getTime());
  if (!pollNow && !isNews) return null;
  const times = pollTimesOf(connection.settings);
  const endsAt = isFinal(after.status) ? never : endOf(after, times);
  const askable = connectionCanPoll(providers, connection, after.kind);
  return {
    transactionId: after.id,
    connectionId: after.connectionId,
    dueAt: askable && !isFinal(after.status) ? nextDue(after, times, after.updatedAt) : endsAt,
    endsAt,
    urgent: pollNow && askable,
  };
}

function isOver({ before, after, pollNow }: ScheduleChange): boolean {
  return before !== null && isScheduled(before) && (!isScheduled(after) || after.mergedInto !== null) && !pollNow;
}
