import { newLeaseId } from "../../database/lease-ids.ts";
import type { ParsedBody } from "../../providers/provider.ts";
import { type ClaimedCallback, leaseS } from "./inbox-store.ts";

/** A callback that this process is about to keep: as it is stored, and its body as it was parsed when it came. */
export type NewCallback = {
  record: Omit<ClaimedCallback, "readAs" | "isUnverified" | "readBefore" | "parsed" | "body"> & {
    shard: number;
    body: Buffer;
  };
  parsed: ParsedBody;
};

/** A callback with the lease that this process has of it. */
export type LeasedCallback = { callback: ClaimedCallback; leaseId: string };

/** Under which queue rows are born. */
export type BirthLease = { id: string; seconds: number; ids: ReadonlySet<string> };

/** What this process keeps and settles by itself, without a claim. Bounded; a lease ends by `kept` or `notKept`. */
export type HandedOver = {
  /** Takes those of the callbacks that find room; null where none does. */
  lease(callbacks: readonly NewCallback[]): BirthLease | null;
  /** They are on disk. `queuedIds`: those whose rows are queued under the lease. */
  kept(lease: BirthLease, queuedIds: ReadonlySet<string>): void;
  /** `written` ends with the write, which may go on for a while. */
  notKept(lease: BirthLease, written: Promise<unknown>): void;
  /** The oldest callbacks of a shard whose leases still run. They leave the memory. */
  take(shard: number, max: number): LeasedCallback[];
  has(shard: number): boolean;
  /** Takes nothing more. Returns what is left, by shard. */
  close(): ReadonlyMap<number, LeasedCallback[]>;
};

export type HandOverBounds = { callbacksMax: number; bytesMax: number; shardCallbacksMax: number };

const boundsByDefault: HandOverBounds = { callbacksMax: 4_000, bytesMax: 16 * 1024 * 1024, shardCallbacksMax: 3_000 };

type Handed = { callback: NewCallback; leaseId: string; untilMs: number };

/**
 * `mayTake`: whether a shard's callbacks may be handed over. Where older ones wait to be claimed, newer ones must not
 * overtake them for long. `onKept`, `onNotKept`: a shard has callbacks in memory; rows of a lease may be queued and
 * nothing is known of them.
 */
export function createHandedOver(deps: {
  mayTake: (shard: number) => boolean;
  onKept: (shards: ReadonlySet<number>) => void;
  onNotKept: (leaseId: string, shards: ReadonlySet<number>, untilMs: number) => void;
  nowMs: () => number;
  bounds?: HandOverBounds;
}): HandedOver {
  const { nowMs, bounds = boundsByDefault } = deps;
  const queues = new Map<number, Handed[]>();
  const pending = new Map<string, { callbacks: NewCallback[]; untilMs: number }>();
  const counts = new Map<number, number>();
  let callbacks = 0;
  let bytes = 0;
  let isClosed = false;

  function count({ record }: NewCallback, by: 1 | -1): void {
    callbacks += by;
    bytes += by * record.body.length;
    counts.set(record.shard, (counts.get(record.shard) ?? 0) + by);
  }

  function findsRoom({ record }: NewCallback): boolean {
    return (
      callbacks < bounds.callbacksMax &&
      bytes + record.body.length <= bounds.bytesMax &&
      (counts.get(record.shard) ?? 0) < bounds.shardCallbacksMax &&
      deps.mayTake(record.shard)
    );
  }

  function end(lease: BirthLease): { callbacks: NewCallback[]; untilMs: number } {
    const ended = pending.get(lease.id)!;
    pending.delete(lease.id);
    return ended;
  }

  return {
    lease(offered) {
      if (isClosed) return null;
      const taken: NewCallback[] = [];
      for (const callback of offered) {
        if (!findsRoom(callback)) continue;
        count(callback, 1);
        taken.push(callback);
      }
      if (taken.length === 0) return null;
      const id = newLeaseId();
      pending.set(id, { callbacks: taken, untilMs: nowMs() + leaseS * 1000 });
      return { id, seconds: leaseS, ids: new Set(taken.map(({ record }) => record.id)) };
    },
    kept(lease, queuedIds) {
      const { callbacks: taken, untilMs } = end(lease);
      const shards = new Set<number>();
      if (isClosed) deps.onNotKept(lease.id, new Set(taken.map(({ record }) => record.shard)), untilMs);
      else
        for (const callback of taken) {
          if (!queuedIds.has(callback.record.id)) {
            count(callback, -1);
            continue;
          }
          const { shard } = callback.record;
          const handed = { callback, leaseId: lease.id, untilMs };
          const queue = queues.get(shard);
          if (queue) queue.push(handed);
          else queues.set(shard, [handed]);
          shards.add(shard);
        }
      if (shards.size > 0) deps.onKept(shards);
    },
    notKept(lease, written) {
      const { callbacks: taken, untilMs } = end(lease);
      for (const callback of taken) count(callback, -1);
      const release = () => deps.onNotKept(lease.id, new Set(taken.map(({ record }) => record.shard)), untilMs);
      release();
      void written.then(release, release);
    },
    take(shard, max) {
      const queue = queues.get(shard) ?? [];
      const taken = queue.splice(0, max);
      if (queue.length === 0) queues.delete(shard);
      for (const { callback } of taken) count(callback, -1);
      // A row whose lease has run out is left to the claims.
      return taken.filter(({ untilMs }) => untilMs > nowMs()).map(leasedCallback);
    },
    has: shard => queues.has(shard),
    close() {
      isClosed = true;
      const left = new Map([...queues].map(([shard, queue]) => [shard, queue.map(leasedCallback)]));
      queues.clear();
      return left;
    },
  };
}

function leasedCallback({ callback: { record, parsed }, leaseId }: Handed): LeasedCallback {
  const { shard: _, ...stored } = record;
  return { callback: { ...stored, readAs: null, isUnverified: false, readBefore: 0, parsed }, leaseId };
}
