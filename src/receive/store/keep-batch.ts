import { syncAlerts } from "../../alerts/open/sync-alerts.ts";
import { channelSubject } from "../../alerts/sources/scope.ts";
import { alertChannelName } from "../../alerts/sources/unknown-channel.ts";
import type { Queryable, Sql } from "../../database/connect.ts";
import { insertQuarantinedWords } from "../../database/quarantined-words-store.ts";
import { receiptWords } from "../../domain/receipt-words.ts";
import type { CallbackRecord, RecordBatch } from "./callback-record.ts";
import { insertCallbacks } from "./callback-store.ts";
import type { HandOverLease, Queued } from "./hand-over.ts";

/**
 * Commits a batch. Callbacks that go into quarantine at once, which are few, are kept in one database transaction with
 * their alerts and with the words by which they are found; all others in one statement.
 */
export async function keepBatch(sql: Sql, batch: RecordBatch, lease: HandOverLease | null, now: Date): Promise<Queued> {
  const quarantined = batch.rows.map(({ record }) => record).filter(({ quarantine }) => quarantine !== null);
  if (quarantined.length === 0) return insertCallbacks(sql, batch, lease);
  return await sql.begin(async tx => {
    const queued = await insertCallbacks(tx, batch, lease);
    const shards = [...new Set(quarantined.map(({ shard }) => shard))].sort((a, b) => a - b);
    for (const shard of shards) {
      await noteQuarantine(
        tx,
        shard,
        quarantined.filter(record => record.shard === shard),
        now,
      );
    }
    return queued;
  });
}

/** Deliveries of the alerts' events are found by the dispatcher's next scan. */
async function noteQuarantine(tx: Queryable, shard: number, records: CallbackRecord[], now: Date): Promise<void> {
  const words = records.flatMap(record =>
    receiptWords(`${record.body.toString("utf8")} ${record.query}`).map(word => ({ callbackId: record.id, word })),
  );
  await insertQuarantinedWords(tx, shard, words);
  const wrong = records.filter(({ wrongReceiver }) => wrongReceiver);
  const others = records.filter(({ wrongReceiver }) => !wrongReceiver);
  const connections = wrong.map(({ connectionId }) => connectionId);
  const channels = others.map(record => channelSubject(record.connectionId, alertChannelName(record.channel)));
  await syncAlerts(tx, shard, "wrong_receiver", connections, now);
  await syncAlerts(tx, shard, "quarantine", channels, now);
}
