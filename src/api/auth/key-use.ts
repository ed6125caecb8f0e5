import { operatorShard } from "./api-key.ts";
import type { KnownKey } from "./key-cache.ts";

/** Keys of one shard and table with the times of their last use. */
export type UsedKeys = { table: "api_keys" | "operators"; ids: string[]; at: Date[] };

export type KeyUse = {
  /** Notes that a key was used now. */
  used(key: KnownKey): void;
  /** Writes what is noted, and stops. */
  stop(): Promise<void>;
};

type Deps = {
  write(shard: number, keys: UsedKeys): Promise<void>;
  now(): Date;
};

/** Uses are gathered for so long before they are written. */
const gatherMs = 1_000;
/** A key's use is written once in this time. */
const everyMs = 60_000;
const keysMax = 10_000;

/**
 * Writes the last use of keys, each at most once a minute and many in one statement: a call must not wait for it, nor
 * cost a write of its own. A failed write is made up for by the next use after a minute.
 */
export function createKeyUse({ write, now }: Deps): KeyUse {
  const writtenMs = new Map<string, number>();
  const waiting = new Map<string, { shard: number; table: UsedKeys["table"]; id: string; at: Date }>();
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<unknown> = Promise.resolve();

  function flush(): void {
    timer = null;
    const sets = new Map<string, UsedKeys & { shard: number }>();
    for (const { shard, table, id, at } of waiting.values()) {
      const set = sets.get(`${table}:${shard}`) ?? { shard, table, ids: [], at: [] };
      sets.set(`${table}:${shard}`, { ...set, ids: [...set.ids, id], at: [...set.at, at] });
    }
    waiting.clear();
    writing = Promise.allSettled([writing, ...[...sets.values()].map(({ shard, ...keys }) => write(shard, keys))]);
  }

  return {
    used(key) {
      const isOperator = key.kind === "operator";
      const id = isOperator ? key.operatorId : key.keyId;
      const at = now();
      if (at.getTime() - (writtenMs.get(id) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
      if (writtenMs.size >= keysMax) writtenMs.clear();
      writtenMs.set(id, at.getTime());
      const table = isOperator ? "operators" : "api_keys";
      waiting.set(id, { shard: isOperator ? operatorShard : key.shard, table, id, at });
      timer ??= setTimeout(flush, gatherMs).unref();
    },
    async stop() {
      if (timer) clearTimeout(timer);
      flush();
      await writing;
    },
  };
}
