import type { Queryable } from "../../database/connect.ts";
import type { QueuePosition } from "../delivery.ts";
import { releaseNext } from "./release-store.ts";

/** After what time it is looked again for events that waited for one that is finished, in ms. */
const releaseAfterMs = 100;

export type LaterReleases = {
  add(shard: number, finished: readonly QueuePosition[]): void;
  /** Looks at once. */
  flush(): Promise<void>;
};

/**
 * Looks once more for the next events of deliveries that were finished with none behind them: a claim may have parked
 * an event because of one that was being recorded, which the record did not see. Few have one, so they are gathered.
 * `onNextDue`: events of these endpoints are due now.
 */
export function createLaterReleases(
  sql: Queryable,
  onNextDue: (shard: number, endpointIds: string[]) => void,
): LaterReleases {
  const waiting = new Map<number, QueuePosition[]>();
  let timer: NodeJS.Timeout | null = null;

  async function releaseAll(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const all = [...waiting];
    waiting.clear();
    for (const [shard, finished] of all) {
      // Without the database they are parked until their due time.
      onNextDue(shard, await releaseNext(sql, shard, finished).catch(() => []));
    }
  }

  return {
    add(shard, finished) {
      if (finished.length === 0) return;
      const list = waiting.get(shard);
      if (list) list.push(...finished);
      else waiting.set(shard, [...finished]);
      timer ??= setTimeout(releaseAll, releaseAfterMs).unref();
    },
    flush: releaseAll,
  };
}
