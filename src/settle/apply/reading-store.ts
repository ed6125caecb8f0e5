import type { Tx } from "../../database/connect.ts";

/** What a reading of a callback came to. */
export type ReadingRow = {
  callbackId: string;
  reading: number;
  state: "processed" | "quarantined";
  problems: { path: string; message: string }[];
  transactionIds: string[];
  /** The callback said that something changed (Reading). */
  changed: boolean;
  readAs: string | null;
  wrongReceiver: string | null;
};

/** Writes the readings of callbacks. A later reading replaces an earlier one. */
export async function writeReadings(tx: Tx, shard: number, rows: ReadingRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into callback_readings as c (shard, callback_id, reading, state, problems, transaction_ids, changed, read_as,
      wrong_receiver, read_at)
    select ${shard}, callback_id, reading, state, problems, coalesce(transaction_ids, '{}'), changed, read_as,
      wrong_receiver, now()
    from jsonb_to_recordset(${JSON.stringify(
      rows.map(r => ({
        callback_id: r.callbackId,
        reading: r.reading,
        state: r.state,
        problems: r.problems,
        transaction_ids: r.transactionIds,
        changed: r.changed,
        read_as: r.readAs,
        wrong_receiver: r.wrongReceiver,
      })),
    )}::text::jsonb) as r (callback_id uuid, reading smallint, state text, problems jsonb, transaction_ids uuid[],
      changed boolean, read_as text, wrong_receiver text)
    on conflict (shard, callback_id) do update set reading = excluded.reading, state = excluded.state,
      problems = excluded.problems, transaction_ids = excluded.transaction_ids, changed = excluded.changed,
      read_as = excluded.read_as, wrong_receiver = excluded.wrong_receiver, read_at = excluded.read_at`;
}
