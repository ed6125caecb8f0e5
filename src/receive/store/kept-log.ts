import type { Logger } from "pino";
import type { RecordBatch } from "./callback-record.ts";

/**
 * Logs callbacks that are on disk: one line at `info` for each commit, however many callbacks shared it, so that the
 * log costs the same at any rate; one line for each callback at `debug`. The senders do not wait for it.
 */
export function logKept(log: Logger, batch: RecordBatch, to: "database" | "spool", ms: number): void {
  const channels: Record<string, number> = {};
  let copies = 0;
  let quarantined = 0;
  for (const { record, copies: times } of batch.rows) {
    const channel = `${record.provider}/${record.channel}`;
    channels[channel] = (channels[channel] ?? 0) + times;
    copies += times;
    if (record.quarantine !== null) quarantined += 1;
  }
  const { batchId: batch_id } = batch;
  log.info(
    { batch_id, to, callbacks: batch.rows.length, received: copies, quarantined, channels, ms: rounded(ms) },
    "callbacks kept",
  );
  if (!log.isLevelEnabled("debug")) return;
  for (const { record, copies: times } of batch.rows) {
    const { id: callback_id, connectionId: connection_id, provider, channel, quarantine, answer } = record;
    const outcome = quarantine !== null ? "quarantined" : answer !== null ? "answered" : "accepted";
    const line = { batch_id, callback_id, connection_id, provider, channel, outcome, received: times, ms: rounded(ms) };
    log.debug(line, "callback kept");
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
