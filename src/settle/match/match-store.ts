import type { Tx } from "../../database/connect.ts";
import type { Kind } from "../../domain/kinds.ts";
import type { Money } from "../../domain/money.ts";

/** A payment known by the reference a payer typed, or by the merchant's own echoed. */
export type ReferenceQuestion = {
  connectionId: string;
  reference: string;
  kinds: Kind[];
  /** What the candidate's must be, where both are known. */
  amount: Money | null;
  /** A person typed it: only unfinished registrations, and only fresh payments, are meant. */
  typed: boolean;
  /** Names of ids the asker has: a candidate with its own of that name is another transaction. */
  idNames: string[];
};

/**
 * Who looks for a reference waits for whoever is registering or paying under it, and then sees what that came to: of two that look at
 * once neither would see the other, nor that the other took what both found. Before any row is locked, in one order.
 */
export async function lockReferences(tx: Tx, shard: number, questions: ReferenceQuestion[]): Promise<void> {
  if (questions.length === 0) return;
  const texts = questions.map(q => `${shard}|${q.connectionId}|${q.reference.trim().toLowerCase()}`);
  await tx`
    select pg_advisory_xact_lock(hash)
    from (select distinct hashtextextended(text, 0) as hash from unnest(${texts}::text[]) as text order by hash) as ordered`;
}

/** Which of the transactions were registered. */
export async function registeredAmong(tx: Tx, shard: number, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx<{ id: string }[]>`
    select id from transactions where shard = ${shard} and id = any(${ids}::uuid[]) and registered`;
  return new Set(rows.map(row => row.id));
}

export type Candidate = { position: number; id: string };

/**
 * Transactions that evidence with a reference (trimmed, any case) is about: registered and unfinished where a person typed it;
 * else any of the family that lacks the ids. Unfinished first, then oldest; `position` is the question's.
 */
export async function registeredByReference(
  tx: Tx,
  shard: number,
  questions: ReferenceQuestion[],
): Promise<Candidate[]> {
  if (questions.length === 0) return [];
  return await tx<Candidate[]>`
    select q.position, t.id
    from jsonb_to_recordset(${questionsJson(questions)}::text::jsonb) as q (position int, connection_id uuid, reference text,
      kinds text[], amount bigint, currency text, typed boolean, id_names text[])
    join transactions t on t.shard = ${shard} and t.connection_id = q.connection_id
      and lower(btrim(t.reference)) = lower(q.reference) and t.reference is not null
    where t.merged_into is null and t.kind = any(q.kinds)
      and (not q.typed or (t.registered and t.status in ('pending', 'processing', 'unresolved')))
      and (q.amount is null or t.registration->'amount' = 'null' or (t.amount = q.amount and t.currency = q.currency))
      and not exists (select from transaction_keys k where k.shard = ${shard} and k.transaction_id = t.id
        and split_part(k.key, ':', 1) = any(q.id_names))
    order by q.position, t.status in ('pending', 'processing', 'unresolved') desc, t.id`;
}

/**
 * A payment that nobody registered, with the reference of a registration that comes just now, and its amount if it names one: the
 * callback was faster.
 * Where a person typed it, only of the last fifteen minutes: a till's name is typed again for the next payment.
 */
export async function justPaidByReference(tx: Tx, shard: number, questions: ReferenceQuestion[]): Promise<Candidate[]> {
  if (questions.length === 0) return [];
  return await tx<Candidate[]>`
    select q.position, t.id
    from jsonb_to_recordset(${questionsJson(questions)}::text::jsonb) as q (position int, connection_id uuid, reference text,
      kinds text[], amount bigint, currency text, typed boolean, id_names text[])
    join transactions t on t.shard = ${shard} and t.connection_id = q.connection_id
      and lower(btrim(t.reference)) = lower(q.reference) and t.reference is not null
    where not t.registered and t.merged_into is null and t.kind = any(q.kinds)
      and (not q.typed or t.created_at > now() - interval '15 minutes')
      and (not q.typed or q.amount is null or (t.amount = q.amount and t.currency = q.currency))
      and not exists (select from transaction_keys k where k.shard = ${shard} and k.transaction_id = t.id
        and split_part(k.key, ':', 1) = any(q.id_names))
    order by q.position, t.id`;
}

function questionsJson(questions: ReferenceQuestion[]): string {
  return JSON.stringify(
    questions.map((q, position) => ({
      position,
      connection_id: q.connectionId,
      // Its case is the database's affair, on both sides: what it does to letters beyond ASCII depends on its locale.
      reference: q.reference.trim(),
      kinds: q.kinds,
      amount: q.amount?.minor.toString() ?? null,
      currency: q.amount?.currency ?? null,
      typed: q.typed,
      id_names: q.idNames,
    })),
  );
}
