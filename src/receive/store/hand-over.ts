import type { ParsedBody } from "../../providers/provider.ts";
import type { CallbackRecord } from "./callback-record.ts";

/** A callback that is still in memory: as it is stored, and its body as it was parsed when it came. */
export type KeptInMemory = { record: CallbackRecord; parsed: ParsedBody };

/** Under which the queue rows of a batch are born. `ids`: of the callbacks that are taken; the others are born free. */
export type HandOverLease = { id: string; seconds: number; ids: ReadonlySet<string> };

/**
 * Takes callbacks to be settled by this process as soon as they are on disk, without a claim. Bounded: what finds no
 * room is born free, for the claims of any process. A lease ends with `kept` or `notKept`.
 */
export type HandOver = {
  /** Null where none of the callbacks is taken. */
  lease(callbacks: readonly KeptInMemory[]): HandOverLease | null;
  /** The batch is on disk. `queuedIds`: of the callbacks whose rows are queued under the lease; copies have none. */
  kept(lease: HandOverLease, queuedIds: ReadonlySet<string>): void;
  /**
   * The batch may be on disk or not: what is queued under the lease is to be claimed. `written` ends with the write,
   * which may go on after it was given up, so that its rows come to the disk only then.
   */
  notKept(lease: HandOverLease, written: Promise<unknown>): void;
};

/** What a batch queued to be read. `freeShards`: the shards of rows that any process may claim. */
export type Queued = { leasedIds: ReadonlySet<string>; freeShards: ReadonlySet<number> };
