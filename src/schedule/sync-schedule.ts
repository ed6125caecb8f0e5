import type { Tx } from "../database/connect.ts";
import { isFinal } from "../domain/kinds.ts";
import { connectionCanPoll } from "../providers/can-poll.ts";
import type { Provider } from "../providers/provider.ts";
import { endTimeOf, isScheduled, nextPollTime, noEnd, pollTimesOf } from "./poll-times.ts";
import { putEntries, removeEntries } from "./queue-store.ts";
import type { ScheduleChange, ScheduleEntry } from "./schedule-entry.ts";

type Providers = ReadonlyMap<string, Provider>;

/**
 * Updates the schedule for the transactions that a batch changed, within the batch's database transaction. An
 * unfinished transaction has an entry until the schedule has nothing left to do for it; a finished one has none, unless
 * `pollAfterMs` requests an urgent poll. One statement to put entries and one to remove them, and none where nothing
 * changed.
 */
export async function syncSchedule(
  tx: Tx,
  shard: number,
  changes: ScheduleChange[],
  providers: Providers,
): Promise<void> {
  const entries = changes.flatMap(change => entryFor(providers, change) ?? []);
  const removed = changes.filter(leavesSchedule).map(change => change.after.id);
  await Promise.all([
    entries.length > 0 ? putEntries(tx, shard, entries) : null,
    removed.length > 0 ? removeEntries(tx, shard, removed) : null,
  ]);
}

/**
 * The entry to put for a change; null where the schedule keeps what it has. A transaction that cannot be polled waits
 * for its end.
 */
function entryFor(
  providers: Providers,
  { connection, before, after, pollAfterMs }: ScheduleChange,
): ScheduleEntry | null {
  if (connection === null || after.mergedInto !== null) return null;
  const [wasScheduled, isNowScheduled] = [before !== null && isScheduled(before), isScheduled(after)];
  const needsEntry = isNowScheduled && (!wasScheduled || before?.expiresAt?.getTime() !== after.expiresAt?.getTime());
  if (pollAfterMs === null && !needsEntry) return null;
  const times = pollTimesOf(connection.settings);
  const endsAt = isFinal(after.status) ? noEnd : endTimeOf(after, times);
  const isPollable = connectionCanPoll(providers, connection, after.kind);
  return {
    transactionId: after.id,
    connectionId: after.connectionId,
    // `updatedAt` is the database's time of this batch.
    dueAt: isPollable && !isFinal(after.status) ? nextPollTime(after, times, after.updatedAt) : endsAt,
    endsAt,
    urgentAfterMs: isPollable ? pollAfterMs : null,
  };
}

function leavesSchedule({ before, after, pollAfterMs }: ScheduleChange): boolean {
  return (
    before !== null && isScheduled(before) && (!isScheduled(after) || after.mergedInto !== null) && pollAfterMs === null
  );
}
