import type { KeptCallback } from "../../telemetry/events.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { RecordBatch } from "./callback-record.ts";

/** Publishes a batch that is on disk. `ms`: how long the write took. */
export function publishKept(telemetry: Telemetry, batch: RecordBatch, to: "database" | "spool", ms: number): void {
  telemetry.publish("callbacks.kept", () => ({
    batchId: batch.batchId,
    to,
    callbacks: batch.rows.map(keptCallback),
    ms,
  }));
}

function keptCallback({ record, copies }: RecordBatch["rows"][number]): KeptCallback {
  const { id, connectionId, provider, quarantine, answer } = record;
  const channel = record.isUnknownChannel ? "unknown" : record.channel;
  const outcome = quarantine !== null ? "quarantined" : answer !== null ? "answered" : "accepted";
  return { id, connectionId, provider, channel, copies, outcome };
}
