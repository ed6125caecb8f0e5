import type { BatchResult } from "../batch.ts";
import type { Settled } from "../item.ts";
import { hasFinished, type TransactionChange } from "./transaction-change.ts";
import type { WrittenBatch } from "./write-changes.ts";

/** A written part of a batch. `positions` are those of its items in the batch; null for items that followed. */
export type WrittenPart = { batch: WrittenBatch; positions: number[] | null };

/**
 * What a batch did, for the rooms that act on it after the commit. Items that followed from it in the same database
 * transaction add their events and requests.
 */
export function resultOf(parts: WrittenPart[], wake: string[]): BatchResult {
  const batches = parts.map(({ batch }) => batch);
  const settled: Settled[] = [];
  for (const { batch, positions } of parts) {
    for (const [at, item] of positions === null ? [] : settledItems(batch).entries()) settled[positions![at]!] = item;
  }
  return {
    settled,
    events: batches.flatMap(batch => batch.events),
    wake,
    pollRequests: batches.flatMap(batch => batch.changes.flatMap(pollRequests)),
    pollingStops: batches.flatMap(pollingStopsOf),
  };
}

function settledItems({ items, lost, transactionIds, changes, refusals }: WrittenBatch): Settled[] {
  const byId = new Map(changes.map(change => [change.after.id, change]));
  return items.map((item, position) => {
    const ids = transactionIds[position]!;
    const changed = ids.flatMap(id => byId.get(id) ?? []);
    return {
      callbackId: item.callback?.id ?? null,
      lost: lost[position]!,
      transactionIds: ids,
      statuses: changed.map(change => change.after.status),
      created: changed.some(change => change.update.isNew),
      finished: changed.some(hasFinished),
      amended:
        changed.flatMap(({ registered }) => registered).find(taken => taken.position === position)?.amended ?? null,
      refusal: refusals.get(item) ?? null,
    };
  });
}

function pollRequests({ after, pollAfterMs: afterMs }: TransactionChange): BatchResult["pollRequests"] {
  if (afterMs === null) return [];
  return [{ shard: after.shard, connectionId: after.connectionId, transactionId: after.id, afterMs }];
}

function pollingStopsOf({ groups, changes }: WrittenBatch): BatchResult["pollingStops"] {
  return groups.flatMap(group =>
    group.pollingStops.flatMap(({ transactionId, reason }) => {
      const polled = changes.find(change => change.after.id === transactionId)?.after;
      return polled ? [{ connectionId: polled.connectionId, kind: polled.kind, reason }] : [];
    }),
  );
}
