import type { Tx } from "../database/connect.ts";
import type { PollRelease } from "./schedule-entry.ts";

/**
 * Writes the polls that end with these releases, in one statement. A poll whose lease was lost is written too: the
 * provider was asked.
 */
export async function insertPollRecords(tx: Tx, shard: number, releases: PollRelease[]): Promise<void> {
  const rows = releases.flatMap(({ transactionId, record }) =>
    record === null
      ? []
      : [
          {
            transaction_id: transactionId,
            id: record.id,
            at: record.at,
            outcome: record.outcome,
            reason: record.reason,
            latency_ms: Math.round(record.latencyMs),
          },
        ],
  );
  if (rows.length === 0) return;
  await tx`
    insert into polls (shard, transaction_id, id, at, outcome, reason, latency_ms)
    select ${shard}, transaction_id, id, at, outcome, reason, latency_ms
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as r (transaction_id uuid, id uuid, at timestamptz, outcome text, reason text, latency_ms int)
    on conflict do nothing`;
}
