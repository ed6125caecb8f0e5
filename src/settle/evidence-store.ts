import type { Tx } from "../database/connect.ts";
import type { Evidence } from "../domain/evidence.ts";
import { type EvidenceRow, evidenceFromRow, sealFinding } from "./finding-json.ts";

/** The stored evidence of the transactions. */
export async function evidenceOf(
  tx: Tx,
  shard: number,
  ids: string[],
): Promise<{ transactionId: string; evidence: Evidence }[]> {
  if (ids.length === 0) return [];
  const rows = await tx<EvidenceRow[]>`
    select transaction_id, id, source, strength, callback_id, reading, sealed, finding, learnt_at
    from evidence where shard = ${shard} and transaction_id = any(${ids}::uuid[])`;
  return rows.map(row => ({ transactionId: row.transaction_id, evidence: evidenceFromRow(row, tx.vault) }));
}

/** Inserts evidence. Stored evidence stays as it is: the id is a digest of the origin, so it is the same. */
export async function insertEvidence(
  tx: Tx,
  shard: number,
  rows: { transactionId: string; evidence: Evidence }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into evidence (shard, transaction_id, id, source, strength, says, callback_id, reading, sealed, learnt_at)
    select ${shard}, transaction_id, id, source, strength, says, callback_id, reading, decode(sealed, 'base64'),
      learnt_at
    from jsonb_to_recordset(${JSON.stringify(
      rows.map(({ transactionId, evidence: e }) => ({
        transaction_id: transactionId,
        id: e.id,
        source: e.source,
        strength: e.strength,
        says: e.says,
        callback_id: e.callbackId,
        reading: e.reading,
        sealed: sealFinding(e, tx.vault).toString("base64"),
        learnt_at: e.learntAt,
      })),
    )}::text::jsonb) as r (transaction_id uuid, id uuid, source text, strength text, says text, callback_id uuid,
      reading smallint, sealed text, learnt_at timestamptz)
    on conflict do nothing`;
}
