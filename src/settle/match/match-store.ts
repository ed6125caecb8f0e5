import type { Tx } from "../../database/connect.ts";
import type { Kind } from "../../domain/kinds.ts";
import type { Money } from "../../domain/money.ts";

/** What a transaction must match to be found by its reference. */
export type ReferenceSearch = {
  connectionId: string;
  reference: string;
  kinds: Kind[];
  /** The candidate's amount, where both are known. */
  amount: Money | null;
  /** A payer typed the reference, so only unfinished registrations, or only recent payments, match. */
  isTyped: boolean;
  /** Names of the unique ids that the group has. A candidate with an id of such a name is another transaction. */
  idNames: string[];
};

/**
 * Takes one advisory lock for each reference, in sorted order and before any row lock. Without it, two batches that
 * search for one reference would not see each other's inserts, and could both match the same transaction.
 */
export async function lockReferences(tx: Tx, shard: number, searches: ReferenceSearch[]): Promise<void> {
  const texts = searches.map(search => `${shard}|${search.connectionId}|${search.reference.trim().toLowerCase()}`);
  await lockTexts(tx, texts);
}

/** Takes one advisory lock for each text, in sorted order, until the database transaction ends. */
export async function lockTexts(tx: Tx, texts: string[]): Promise<void> {
  if (texts.length === 0) return;
  await tx`
    select pg_advisory_xact_lock(hash)
    from (
      select distinct hashtextextended(text, 0) as hash from unnest(${texts}::text[]) as text order by hash
    ) as ordered`;
}

/** Those of the transactions that are registered. */
export async function registeredAmong(tx: Tx, shard: number, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx<{ id: string }[]>`
    select id from transactions where shard = ${shard} and id = any(${ids}::uuid[]) and registered`;
  return new Set(rows.map(row => row.id));
}

/** Those of the transactions that are not final. */
export async function unfinishedAmong(tx: Tx, shard: number, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx<{ id: string }[]>`
    select id from transactions where shard = ${shard} and id = any(${ids}::uuid[])
      and status in ('pending', 'processing', 'unresolved')`;
  return new Set(rows.map(row => row.id));
}

/**
 * A transaction that a search found. `position` is that of the search. `isOther`: it has another amount, `amount`, than
 * the search, so it is another transaction. `revision` is that of its registration.
 */
export type Candidate = {
  position: number;
  id: string;
  isOther: boolean;
  minor: bigint | null;
  currency: string | null;
  revision: number;
};

/**
 * The transactions that evidence with a reference (trimmed, any case) may be about. Where a payer typed the reference,
 * only registered and unfinished ones, also those of another amount (`isOther`); else any of the kinds that has no id
 * of the names searched with. Unfinished first, then oldest.
 */
export async function candidatesForEvidence(tx: Tx, shard: number, searches: ReferenceSearch[]): Promise<Candidate[]> {
  if (searches.length === 0) return [];
  return await tx<Candidate[]>`
    select q.position, t.id, (t.registration->'amount'->>'minor')::bigint as minor,
      t.registration->'amount'->>'currency' as currency, coalesce((t.registration->>'revision')::int, 0) as revision,
      not (q.amount is null or t.registration->'amount' = 'null'
        or ((t.registration->'amount'->>'minor')::bigint = q.amount
          and t.registration->'amount'->>'currency' = q.currency)) as "isOther"
    from jsonb_to_recordset(${searchesJson(searches)}::text::jsonb) as q (position int, connection_id uuid,
      reference text, kinds text[], amount bigint, currency text, typed boolean, id_names text[])
    join transactions t on t.shard = ${shard} and t.connection_id = q.connection_id
      and lower(btrim(t.reference)) = lower(q.reference) and t.reference is not null
    where t.merged_into is null and t.kind = any(q.kinds)
      and (not q.typed or (t.registered and t.status in ('pending', 'processing', 'unresolved')))
      and not exists (select 1 from transaction_keys k where k.shard = ${shard} and k.transaction_id = t.id
        and split_part(k.key, ':', 1) = any(q.id_names))
    order by q.position, t.status in ('pending', 'processing', 'unresolved') desc, t.id`;
}

/**
 * The unregistered payments that a registration with a reference may be about, where the callback came before the
 * registration. Where a payer typed the reference, only payments of the last fifteen minutes: a till's name is typed
 * again for the next payment. Those of another amount are `isOther`. Oldest first.
 */
export async function candidatesForRegistration(
  tx: Tx,
  shard: number,
  searches: ReferenceSearch[],
): Promise<Candidate[]> {
  if (searches.length === 0) return [];
  return await tx<Candidate[]>`
    select q.position, t.id, t.amount as minor, t.currency, 0 as revision,
      not (not q.typed or q.amount is null or (t.amount = q.amount and t.currency = q.currency)) as "isOther"
    from jsonb_to_recordset(${searchesJson(searches)}::text::jsonb) as q (position int, connection_id uuid,
      reference text, kinds text[], amount bigint, currency text, typed boolean, id_names text[])
    join transactions t on t.shard = ${shard} and t.connection_id = q.connection_id
      and lower(btrim(t.reference)) = lower(q.reference) and t.reference is not null
    where not t.registered and t.merged_into is null and t.kind = any(q.kinds)
      and (not q.typed or t.created_at > now() - interval '15 minutes')
      and not exists (select 1 from transaction_keys k where k.shard = ${shard} and k.transaction_id = t.id
        and split_part(k.key, ':', 1) = any(q.id_names))
    order by q.position, t.id`;
}

function searchesJson(searches: ReferenceSearch[]): string {
  return JSON.stringify(
    searches.map((search, position) => ({
      position,
      connection_id: search.connectionId,
      // Lower-cased by the database on both sides: its rules for letters beyond ASCII depend on its locale.
      reference: search.reference.trim(),
      kinds: search.kinds,
      amount: search.amount?.minor.toString() ?? null,
      currency: search.amount?.currency ?? null,
      typed: search.isTyped,
      id_names: search.idNames,
    })),
  );
}
