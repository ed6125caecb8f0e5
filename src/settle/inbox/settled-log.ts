import type { Logger } from "pino";
import type { ClaimedCallback } from "./inbox-store.ts";

/** Logs a batch that was read and settled: one line at `info`; at `debug` its callbacks too, each with the batch it went with. */
export function logSettled(log: Logger, shard: number, batch_id: string, claimed: ClaimedCallback[], ms: number): void {
  log.info({ batch_id, shard, callbacks: claimed.length, ms: Math.round(ms * 10) / 10 }, "callbacks settled");
  if (!log.isLevelEnabled("debug")) return;
  for (const { id: callback_id, connectionId: connection_id, provider, channel } of claimed) {
    log.debug({ batch_id, callback_id, connection_id, provider, channel }, "callback settled");
  }
}
