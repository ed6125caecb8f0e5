import type { Logger } from "pino";
import { throttledLog } from "../../batch/throttled-log.ts";
import type { Queryable } from "../../database/connect.ts";
import { shardCount } from "../../domain/ids.ts";
import { dueEndpoints } from "./due-store.ts";

/** Endpoints looked at in one statement; a shard with more is walked on at the next. */
const endpointsMax = 1000;

/**
 * Looks, shard by shard and again and again, for what fell due without anybody waking us: retries, what another process wrote,
 * what a holder who died had leased. `everyMs` is the pause between rounds.
 */
export function startDueScan(deps: {
  sql: Queryable;
  log: Logger;
  everyMs: number;
  onDue: (shard: number, endpointIds: string[]) => void;
  /** What waits there is to be given up. */
  onOff: (shard: number, endpointId: string) => void;
}): { round(): Promise<void>; stop(): Promise<void> } {
  const { sql, log, everyMs, onDue, onOff } = deps;
  const warn = throttledLog(log, "the delivery queue cannot be looked through");
  const walkedTo = new Map<number, string | null>();
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  let current: Promise<void> = Promise.resolve();

  async function look(shard: number): Promise<void> {
    const found = await dueEndpoints(sql, shard, walkedTo.get(shard) ?? null, endpointsMax);
    walkedTo.set(shard, found.walkedTo);
    onDue(
      shard,
      found.due.filter(endpoint => endpoint.isLive).map(endpoint => endpoint.endpointId),
    );
    for (const { endpointId } of found.due.filter(endpoint => !endpoint.isLive)) onOff(shard, endpointId);
  }

  async function round(): Promise<void> {
    try {
      // Each shard by itself: a claim names its shard by equality, and so does looking for one. 64 short statements a round.
      for (let shard = 0; shard < shardCount && !isStopped; shard += 1) await look(shard);
    } catch (error) {
      warn(error);
    }
  }

  function next(): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      current = round().then(next);
    }, everyMs).unref();
  }
  next();

  return {
    round,
    async stop() {
      isStopped = true;
      if (timer) clearTimeout(timer);
      await current;
    },
  };
}
