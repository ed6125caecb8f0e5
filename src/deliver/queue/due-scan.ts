import type { Logger } from "pino";
import { throttledLog } from "../../batch/throttled-log.ts";
import type { Queryable } from "../../database/connect.ts";
import type { AutoDisable } from "../commands/auto-disable.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { dueEndpoints, shardsOfEndpoints } from "./due-store.ts";

/** Endpoints read in one statement. The next scan goes on where a shard has more. */
const endpointsMax = 1000;

export type DueScan = {
  /** Scans all shards once. */
  scan(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Scans the queue, `everyMs` after the scan before, for deliveries that became due without a call of `wake`: retries,
 * events that another process wrote, leases of a process that ended. Wakes the endpoints that are enabled; fails the
 * pending deliveries of the others.
 */
export function startDueScan(deps: {
  sql: Queryable;
  log: Logger;
  everyMs: number;
  dispatcher: Dispatcher;
  autoDisable: AutoDisable;
}): DueScan {
  const { sql, log, everyMs, dispatcher, autoDisable } = deps;
  const warn = throttledLog(log, "delivery queue cannot be scanned; trying again");
  const cursors = new Map<number, string | null>();
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  let current: Promise<void> = Promise.resolve();

  async function scanShard(shard: number): Promise<void> {
    const { due, cursor } = await dueEndpoints(sql, shard, cursors.get(shard) ?? null, endpointsMax);
    cursors.set(shard, cursor);
    const active = due.filter(endpoint => endpoint.isActive).map(endpoint => endpoint.endpointId);
    dispatcher.wake(shard, active, { includeOld: true });
    for (const { endpointId, isActive } of due) if (!isActive) autoDisable.failPending(shard, endpointId);
  }

  async function scan(): Promise<void> {
    try {
      // One short statement for each shard with endpoints: like a claim it names its shard by equality.
      for (const shard of await shardsOfEndpoints(sql)) if (!isStopped) await scanShard(shard);
    } catch (error) {
      warn(error);
    }
  }

  function scheduleNext(): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      current = scan().then(scheduleNext);
    }, everyMs).unref();
  }
  scheduleNext();

  return {
    scan,
    async stop() {
      isStopped = true;
      if (timer) clearTimeout(timer);
      await current;
    },
  };
}
