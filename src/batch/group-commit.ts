/** An item in a batch, with the caller of `add` that waits for its result. */
export type PendingItem<Item, Result> = {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
};

export type GroupCommitOptions<Item, Result> = {
  /**
   * Writes one batch, and resolves or rejects each item as soon as its result is known. Where `write` rejects, the
   * items that have no result yet are rejected with the same error.
   */
  write(batch: PendingItem<Item, Result>[]): Promise<void>;
  /** Items in one batch. */
  batchMax: number;
  /** Items that wait for a batch. Beyond it `add` takes no item. */
  waitingMax: number;
  /** The same two bounds in bytes. An item above `batchMax` bytes is written alone. */
  bytes?: { sizeOf(item: Item): number; batchMax: number; waitingMax: number };
  /**
   * Items with the same key that wait at the same time are written once: `merge` adds the copy to the first. Both get
   * one result.
   */
  copies?: { keyOf(item: Item): string; merge(first: Item, copy: Item): void };
};

export type GroupCommit<Item, Result> = {
  /**
   * Resolves or rejects as `write` decides. Returns null where too many items or bytes wait; the item is not taken
   * then.
   */
  add(item: Item): Promise<Result> | null;
  /** Resolves once every item that was added has its result. */
  idle(): Promise<void>;
};

type Waiting<Item, Result> = PendingItem<Item, Result> & { key: string; bytes: number; promise: Promise<Result> };

const noResult = new Error("the batch was written, but this item was given no result");

/**
 * Group commit: one batch is in flight, and the items that arrive meanwhile are the next. There is no timer, so a
 * single item is written in the next turn of the event loop, together with the items that arrived in the same turn.
 * Batches keep the order of `add`.
 */
export function createGroupCommit<Item, Result>(options: GroupCommitOptions<Item, Result>): GroupCommit<Item, Result> {
  const { write, batchMax, waitingMax, copies } = options;
  const { sizeOf, ...bytes } = options.bytes ?? { sizeOf: () => 0, batchMax: 0, waitingMax: 0 };
  let waiting: Waiting<Item, Result>[] = [];
  let waitingBytes = 0;
  const byKey = new Map<string, Waiting<Item, Result>>();
  let isBusy = false;
  const idleListeners: (() => void)[] = [];

  async function writeWaiting(): Promise<void> {
    isBusy = true;
    await new Promise<void>(resolve => setImmediate(resolve));
    while (waiting.length > 0) await writeBatch(takeBatch());
    isBusy = false;
    for (const resolve of idleListeners.splice(0)) resolve();
  }

  async function writeBatch(batch: Waiting<Item, Result>[]): Promise<void> {
    let failure: unknown = noResult;
    try {
      await write(batch);
    } catch (error) {
      failure = error;
    }
    // Changes nothing for the items that have their result.
    for (const pending of batch) pending.reject(failure);
  }

  function takeBatch(): Waiting<Item, Result>[] {
    let length = 0;
    let size = 0;
    for (const next of waiting) {
      if (length === batchMax || (length > 0 && size + next.bytes > bytes.batchMax)) break;
      length += 1;
      size += next.bytes;
    }
    const batch = waiting.slice(0, length);
    waiting = waiting.slice(length);
    waitingBytes -= size;
    if (copies) for (const { key } of batch) byKey.delete(key);
    return batch;
  }

  return {
    add(item) {
      const size = sizeOf(item);
      if (waiting.length >= waitingMax || waitingBytes + size > bytes.waitingMax) return null;
      const key = copies?.keyOf(item) ?? "";
      const first = copies && byKey.get(key);
      if (first) {
        copies.merge(first.item, item);
        return first.promise;
      }
      const added = waitingFor<Item, Result>(item, key, size);
      waiting.push(added);
      waitingBytes += size;
      if (copies) byKey.set(key, added);
      if (!isBusy) void writeWaiting();
      return added.promise;
    },
    idle: () => (isBusy ? new Promise(resolve => idleListeners.push(() => resolve())) : Promise.resolve()),
  };
}

function waitingFor<Item, Result>(item: Item, key: string, bytes: number): Waiting<Item, Result> {
  let resolve!: (result: Result) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Result>((onResult, onError) => {
    resolve = onResult;
    reject = onError;
  });
  return { item, key, bytes, promise, resolve, reject };
}
