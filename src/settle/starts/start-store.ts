import type { Tx } from "../../database/connect.ts";
import type { PhoneHasher } from "../../database/installation-key.ts";
import { isFinal, statuses } from "../../domain/kinds.ts";
import type { StartStep } from "../item.ts";
import { recipientHash } from "./recipient.ts";

const unfinished = statuses.filter(status => !isFinal(status));

/**
 * Locks the starts of these steps, and returns the leases that are still held. A start that ended without its process
 * keeps the lease of its call: an answer that comes late is still the provider's.
 */
export async function holdStarts(tx: Tx, shard: number, steps: StartStep[]): Promise<Set<string>> {
  if (steps.length === 0) return new Set();
  const rows = await tx<{ leaseId: string }[]>`
    select s.lease_id as "leaseId"
    from jsonb_to_recordset(${JSON.stringify(
      steps.map(({ startId, leaseId, step }) => ({ id: startId, lease_id: leaseId, begins: step === "begin" })),
    )}::text::jsonb) as held (id uuid, lease_id uuid, begins boolean)
    join starts s on s.shard = ${shard} and s.id = held.id and s.lease_id = held.lease_id
    where (s.state = 'claimed') = held.begins
    order by s.id for update of s`;
  return new Set(rows.map(row => row.leaseId));
}

/** Those of the transactions that Hakika started. */
export async function startedAmong(tx: Tx, shard: number, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx<{ id: string }[]>`
    select id from transactions where shard = ${shard} and id = any(${ids}::uuid[]) and start is not null`;
  return new Set(rows.map(row => row.id));
}

/** What a start must not meet: an unfinished transaction that was started with the same kind and reference. */
export type StartSearch = { connectionId: string; kind: string; reference: string };

/** The oldest transaction that each search meets, by the search's position. */
export async function startedByReference(
  tx: Tx,
  shard: number,
  searches: StartSearch[],
): Promise<ReadonlyMap<number, string>> {
  if (searches.length === 0) return new Map();
  const rows = await tx<{ position: number; id: string }[]>`
    select q.position, t.id
    from jsonb_to_recordset(${JSON.stringify(
      searches.map(({ connectionId, kind, reference }, position) => ({
        position,
        connection_id: connectionId,
        kind,
        reference: reference.trim(),
      })),
    )}::text::jsonb) as q (position int, connection_id uuid, kind text, reference text)
    join transactions t on t.shard = ${shard} and t.connection_id = q.connection_id
      and lower(btrim(t.reference)) = lower(q.reference) and t.reference is not null
    where t.kind = q.kind and t.start is not null and t.merged_into is null and t.status = any(${unfinished}::text[])
    order by t.id desc`;
  return new Map(rows.map(({ position, id }) => [position, id]));
}

/** Writes the steps of starts: a begun one has its transaction, an ended one what became of it. */
export async function writeStarts(
  tx: Tx,
  shard: number,
  rows: { step: StartStep; transactionId: string }[],
  phones: PhoneHasher,
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    update starts s set
      transaction_id = r.transaction_id,
      state = r.state,
      attempts = 1,
      provider_message = r.provider_message,
      recipient_hash = coalesce(decode(r.recipient_hash, 'hex'), s.recipient_hash),
      begun_at = case when r.ends then s.begun_at else r.at end,
      ended_at = case when r.ends then r.at end
    from (
      select date_trunc('milliseconds', now()) as at, step.* from jsonb_to_recordset(${JSON.stringify(
        rows.map(({ step, transactionId }) => ({
          id: step.startId,
          transaction_id: transactionId,
          state: step.step === "begin" ? "calling" : step.state,
          provider_message: step.step === "begin" ? null : step.providerMessage,
          ends: step.step === "end",
          recipient_hash: step.step === "begin" ? recipientHash(step.recipient, phones) : null,
        })),
      )}::text::jsonb) as step (id uuid, transaction_id uuid, state text, provider_message text, ends boolean,
        recipient_hash text)
    ) r
    where s.shard = ${shard} and s.id = r.id`;
}
