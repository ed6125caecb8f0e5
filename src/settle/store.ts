import type { Tx } from "../database/connect.ts";
import type { Evidence } from "../domain/evidence.ts";
import type { Transaction } from "../domain/transaction.ts";
import { type EvidenceRow, evidenceFromRow, findingToJson, registrationToJson } from "./finding-json.ts";
import type { ReadCallback } from "./item.ts";
import { type TransactionRow, transactionFromRow } from "./transaction-row.ts";

/** The database's clock: what `created_at`, `updated_at` and a review's `since` are made of. */
export async function databaseNow(tx: Tx): Promise<Date> {
  const [row] = await tx<{ now: Date }[]>`select date_trunc('milliseconds', now()) as now`;
  return row!.now;
}

/**
 * Takes callbacks off the queue, those only that this holder still leases: a holder that slept past its lease takes none, and
 * so changes nothing.
 */
export async function takeOffQueue(tx: Tx, shard: number, callbacks: ReadCallback[]): Promise<Set<string>> {
  if (callbacks.length === 0) return new Set();
  // By `any`, not by a join with the list: a plan made while the queue was empty was seen to read all of it for every batch.
  const rows = await tx<{ callback_id: string }[]>`
    delete from inbox_queue
    where shard = ${shard} and callback_id = any(${callbacks.map(c => c.id)}::uuid[])
      and lease_id = any(${[...new Set(callbacks.map(c => c.leaseId))]}::uuid[])
    returning callback_id`;
  return new Set(rows.map(row => row.callback_id));
}

export type IdentityKey = { connectionId: string; key: string };
export type OwnedIdentityKey = IdentityKey & { transactionId: string };

/**
 * Which transactions the identity texts belong to. One look-up each, by all of the key: as a join the planner, which knows nothing of
 * a fast-growing table, was seen to read a whole shard's keys for every batch.
 */
export async function ownersOf(tx: Tx, shard: number, keys: IdentityKey[]): Promise<OwnedIdentityKey[]> {
  if (keys.length === 0) return [];
  return await tx<OwnedIdentityKey[]>`
    select k.connection_id as "connectionId", k.key, k.transaction_id as "transactionId"
    from unnest(${keys.map(k => k.connectionId)}::uuid[], ${keys.map(k => k.key)}::text[]) as asked (connection_id, key)
    cross join lateral (
      select * from transaction_keys
      where shard = ${shard} and connection_id = asked.connection_id and key = asked.key limit 1
    ) k`;
}

/**
 * Claims identity texts; answers how many were free. One that a concurrent batch is claiming is waited for. Sorted, so that two
 * batches claim in one order and never wait for each other in a circle.
 */
export async function claimKeys(tx: Tx, shard: number, keys: OwnedIdentityKey[]): Promise<number> {
  if (keys.length === 0) return 0;
  const sorted = [...keys].sort((a, b) => (a.connectionId + a.key < b.connectionId + b.key ? -1 : 1));
  const result = await tx`
    insert into transaction_keys (shard, connection_id, key, transaction_id)
    select ${shard}, * from unnest(
      ${sorted.map(k => k.connectionId)}::uuid[], ${sorted.map(k => k.key)}::text[], ${sorted.map(k => k.transactionId)}::uuid[])
    on conflict do nothing`;
  return result.count;
}

/** Points a merged transaction's identity texts at the survivor, and frees the slot of a registration that got its ids. */
export async function moveKeys(tx: Tx, shard: number, from: string[], into: string): Promise<void> {
  await tx`
    update transaction_keys set transaction_id = ${into} where shard = ${shard} and transaction_id = any(${from}::uuid[])`;
}

export async function freeKeys(tx: Tx, shard: number, keys: IdentityKey[]): Promise<void> {
  if (keys.length === 0) return;
  await tx`
    delete from transaction_keys k
    using unnest(${keys.map(k => k.connectionId)}::uuid[], ${keys.map(k => k.key)}::text[]) as freed (connection_id, key)
    where k.shard = ${shard} and k.connection_id = freed.connection_id and k.key = freed.key`;
}

/** Identity texts of transactions that are about to be compared for a merge. */
export async function keysOf(tx: Tx, shard: number, ids: string[]): Promise<{ key: string; transactionId: string }[]> {
  return await tx<{ key: string; transactionId: string }[]>`
    select key, transaction_id as "transactionId" from transaction_keys
    where shard = ${shard} and transaction_id = any(${ids}::uuid[])`;
}

/** Locks in id order, so that two batches never wait for each other in a circle. */
export async function lockTransactions(tx: Tx, shard: number, ids: string[]): Promise<Transaction[]> {
  if (ids.length === 0) return [];
  const rows = await tx<TransactionRow[]>`
    select * from transactions where shard = ${shard} and id = any(${ids}::uuid[]) order by id for update`;
  return rows.map(transactionFromRow);
}

export async function evidenceOf(
  tx: Tx,
  shard: number,
  ids: string[],
): Promise<{ transactionId: string; evidence: Evidence }[]> {
  if (ids.length === 0) return [];
  const rows = await tx<EvidenceRow[]>`
    select transaction_id, id, source, strength, callback_id, reading, finding, learnt_at
    from evidence where shard = ${shard} and transaction_id = any(${ids}::uuid[])`;
  return rows.map(row => ({ transactionId: row.transaction_id, evidence: evidenceFromRow(row) }));
}

/** Which of the transactions a merchant was told of, and of which as completed. */
export async function toldOf(tx: Tx, shard: number, ids: string[]): Promise<Map<string, { completed: boolean }>> {
  const rows = await tx<{ transaction_id: string; completed: boolean }[]>`
    select transaction_id, bool_or(type = 'payment.completed') as completed
    from events where shard = ${shard} and transaction_id = any(${ids}::uuid[]) group by transaction_id`;
  return new Map(rows.map(row => [row.transaction_id, { completed: row.completed }]));
}

/** Evidence is written once: its id is a digest of its origin. */
export async function insertEvidence(
  tx: Tx,
  shard: number,
  rows: { transactionId: string; evidence: Evidence }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into evidence (shard, transaction_id, id, source, strength, says, callback_id, reading, finding, learnt_at)
    select ${shard}, transaction_id, id, source, strength, says, callback_id, reading, finding, learnt_at
    from jsonb_to_recordset(${JSON.stringify(
      rows.map(({ transactionId, evidence: e }) => ({
        transaction_id: transactionId,
        id: e.id,
        source: e.source,
        strength: e.strength,
        says: e.says,
        callback_id: e.callbackId,
        reading: e.reading,
        finding: findingToJson(e),
        learnt_at: e.learntAt,
      })),
    )}::text::jsonb) as r (transaction_id uuid, id uuid, source text, strength text, says text, callback_id uuid,
      reading smallint, finding jsonb, learnt_at timestamptz)
    on conflict do nothing`;
}

const columns = `merchant_id uuid, connection_id uuid, provider text, kind text, status text, status_source text,
  registered boolean, version int, sequence int, reference text, provider_refs jsonb, amount bigint, currency text, phone text,
  phone_hash bytea, party_name text, result jsonb, review jsonb, details jsonb, metadata jsonb, registration jsonb,
  occurred_at timestamptz, expires_at timestamptz, created_at timestamptz, updated_at timestamptz, merged_into uuid`;
const names = columns.split(",").map(column => column.trim().split(" ")[0]!);

export type PhoneHash = (phone: string) => Buffer;

function rowsJson(rows: Transaction[], phoneHash: PhoneHash): string {
  return JSON.stringify(
    rows.map(t => ({
      id: t.id,
      merchant_id: t.merchantId,
      connection_id: t.connectionId,
      provider: t.provider,
      kind: t.kind,
      status: t.status,
      status_source: t.statusSource,
      registered: t.registered,
      version: t.version,
      sequence: t.sequence,
      reference: t.reference,
      provider_refs: t.refs,
      amount: t.amount?.minor.toString() ?? null,
      currency: t.amount?.currency ?? null,
      phone: t.phone,
      phone_hash: t.phone === null ? null : `\\x${phoneHash(t.phone).toString("hex")}`,
      party_name: t.partyName,
      result: t.result,
      review: t.review,
      details: t.details,
      metadata: t.metadata,
      registration: registrationToJson(t.registration),
      occurred_at: t.occurredAt,
      expires_at: t.expiresAt,
      created_at: t.createdAt,
      updated_at: t.updatedAt,
      merged_into: t.mergedInto,
    })),
  );
}

export async function insertTransactions(
  tx: Tx,
  shard: number,
  rows: Transaction[],
  phoneHash: PhoneHash,
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into transactions (shard, id, ${tx.unsafe(names.join(", "))})
    select ${shard}, id, ${tx.unsafe(names.join(", "))}
    from jsonb_to_recordset(${rowsJson(rows, phoneHash)}::text::jsonb) as r (id uuid, ${tx.unsafe(columns)})`;
}

/**
 * One look-up each, and by place: as a join, a plan made while the table was empty walked a whole shard and read the list anew for every
 * row (seen: 300 ms for a hundred). The rows are locked, so they stay where they are.
 */
export async function updateTransactions(
  tx: Tx,
  shard: number,
  rows: Transaction[],
  phoneHash: PhoneHash,
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    update transactions t set ${tx.unsafe(names.map(name => `${name} = r.${name}`).join(", "))}
    from jsonb_to_recordset(${rowsJson(rows, phoneHash)}::text::jsonb) as r (id uuid, ${tx.unsafe(columns)})
    cross join lateral (select ctid from transactions where shard = ${shard} and id = r.id limit 1) as at
    where t.shard = ${shard} and t.ctid = at.ctid`;
}

/** The provider's ids, for searching by any of them. */
export async function insertRefs(tx: Tx, shard: number, rows: Transaction[]): Promise<void> {
  const refs = rows.flatMap(t => [...new Set(Object.values(t.refs))].map(value => ({ id: t.id, value })));
  if (refs.length === 0) return;
  await tx`
    insert into transaction_refs (shard, value, transaction_id)
    select ${shard}, * from unnest(${refs.map(r => r.value)}::text[], ${refs.map(r => r.id)}::uuid[])
    on conflict do nothing`;
}

export type ReadingRow = {
  callbackId: string;
  reading: number;
  state: "processed" | "quarantined";
  problems: { path: string; message: string }[];
  transactionIds: string[];
};

/** What reading came to; a later reading replaces an earlier one. */
export async function writeReadings(tx: Tx, shard: number, rows: ReadingRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into callback_readings as c (shard, callback_id, reading, state, problems, transaction_ids)
    select ${shard}, callback_id, reading, state, problems, coalesce(transaction_ids, '{}')
    from jsonb_to_recordset(${JSON.stringify(
      rows.map(r => ({
        callback_id: r.callbackId,
        reading: r.reading,
        state: r.state,
        problems: r.problems,
        transaction_ids: r.transactionIds,
      })),
    )}::text::jsonb) as r (callback_id uuid, reading smallint, state text, problems jsonb, transaction_ids uuid[])
    on conflict (shard, callback_id) do update set reading = excluded.reading, state = excluded.state,
      problems = excluded.problems, transaction_ids = excluded.transaction_ids, read_at = now()`;
}
