import type { Tx } from "../database/connect.ts";
import type { Review, StartJson, Transaction } from "../domain/transaction.ts";

/** A row with a sealed value, or the plain one of a row from before. */
export type PersonalRow = { id: string; transactionId: string; sealed: Uint8Array | null; plain: unknown };

/** The texts of a transaction that may have a number in them. */
export type TransactionTexts = {
  id: string;
  phone: string | null;
  sealed: Uint8Array | null;
  reference: string | null;
  result: Transaction["result"];
  review: Review | null;
  registration: { reference?: string | null } | null;
  start: StartJson | null;
};

/** Locks the transactions in the order of their ids, as settling does. */
export async function lockTexts(tx: Tx, shard: number, ids: string[]): Promise<TransactionTexts[]> {
  return await tx<TransactionTexts[]>`
    select id, phone, sealed, reference, result, review, registration, start from transactions
    where shard = ${shard} and id = any(${ids}::uuid[]) order by id for update`;
}

/** Erases what transactions hold of people. Keyed hashes stay. */
export async function eraseTransactionRows(tx: Tx, shard: number, rows: TransactionTexts[]): Promise<void> {
  await tx`
    update transactions t set sealed = null, has_phone = false, phone = null, phone_masked = null, party_name = null,
      details = '{}', metadata = '{}', reference = r.reference, result = r.result, review = r.review,
      registration = case when r.registration is null then null
        else (r.registration - 'metadata') || '{"phone": null}' end,
      start = r.start, erased_at = now()
    from jsonb_to_recordset(${JSON.stringify(rows.map(({ sealed: _, ...row }) => row))}::text::jsonb)
      as r (id uuid, reference text, result jsonb, review jsonb, registration jsonb, start jsonb)
    where t.shard = ${shard} and t.id = r.id`;
}

/** Erases what providers answered to the orders of transactions. */
export async function eraseStartMessages(tx: Tx, shard: number, ids: string[]): Promise<void> {
  await tx`
    update starts set provider_message = null
    where shard = ${shard} and transaction_id = any(${ids}::uuid[]) and provider_message is not null`;
}

/** The sealed rows of transactions in a table. */
export const personalRows = {
  evidence: (tx: Tx, shard: number, ids: string[]) => tx<PersonalRow[]>`
    select id, transaction_id as "transactionId", sealed, finding as plain from evidence
    where shard = ${shard} and transaction_id = any(${ids}::uuid[])`,
  registrations: (tx: Tx, shard: number, ids: string[]) => tx<PersonalRow[]>`
    select id, transaction_id as "transactionId", sealed,
      jsonb_build_object('values', values, 'amendedFrom', amended_from) as plain
    from registrations where shard = ${shard} and transaction_id = any(${ids}::uuid[])`,
  events: (tx: Tx, shard: number, ids: string[]) => tx<PersonalRow[]>`
    select id, transaction_id as "transactionId", sealed, to_jsonb(body) as plain from events
    where shard = ${shard} and transaction_id = any(${ids}::uuid[])`,
} as const;

type Fresh = { id: string; transactionId: string; sealed: string };

/** Writes rows back without what was personal; `sealed` in base64. */
export const writePersonalRows = {
  evidence: (tx: Tx, shard: number, rows: Fresh[]) => tx`
    update evidence t set sealed = decode(r.sealed, 'base64'), finding = null
    from unnest(${rows.map(r => r.transactionId)}::uuid[], ${rows.map(r => r.id)}::uuid[],
      ${rows.map(r => r.sealed)}::text[]) as r (transaction_id, id, sealed)
    where t.shard = ${shard} and t.transaction_id = r.transaction_id and t.id = r.id`,
  registrations: (tx: Tx, shard: number, rows: Fresh[]) => tx`
    update registrations t set sealed = decode(r.sealed, 'base64'), values = null, amended_from = null
    from unnest(${rows.map(r => r.transactionId)}::uuid[], ${rows.map(r => r.id)}::uuid[],
      ${rows.map(r => r.sealed)}::text[]) as r (transaction_id, id, sealed)
    where t.shard = ${shard} and t.transaction_id = r.transaction_id and t.id = r.id`,
  events: (tx: Tx, shard: number, rows: Fresh[]) => tx`
    update events t set sealed = decode(r.sealed, 'base64'), body = null
    from unnest(${rows.map(r => r.id)}::uuid[], ${rows.map(r => r.sealed)}::text[]) as r (id, sealed)
    where t.shard = ${shard} and t.id = r.id`,
} as const;

/** Erases what merchants answered to the events. */
export async function eraseAttemptAnswers(tx: Tx, shard: number, eventIds: string[]): Promise<void> {
  await tx`
    update delivery_attempts a set sealed = null, answer = null
    from deliveries d
    where d.shard = ${shard} and d.event_id = any(${eventIds}::uuid[]) and a.shard = ${shard} and a.delivery_id = d.id
      and (a.sealed is not null or a.answer is not null)`;
  await tx`
    update deliveries set sealed = null, first_answer = null
    where shard = ${shard} and event_id = any(${eventIds}::uuid[])
      and (sealed is not null or first_answer is not null)`;
}

/** The callbacks that the transactions' evidence was read from. */
export async function callbacksOf(tx: Tx, shard: number, ids: string[]): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select distinct callback_id as id from evidence
    where shard = ${shard} and transaction_id = any(${ids}::uuid[]) and callback_id is not null`;
  return rows.map(({ id }) => id);
}

/** Erases the bytes of callbacks and the answers to them. Keys, digests and what was read stay. */
export async function eraseCallbacks(tx: Tx, shard: number, ids: string[]): Promise<void> {
  await tx`delete from callback_bodies where shard = ${shard} and id = any(${ids}::uuid[])`;
  await tx`
    update callbacks set sealed = null, answer = null
    where shard = ${shard} and id = any(${ids}::uuid[]) and (sealed is not null or answer is not null)`;
}

/** Erases the numbers of sessions and what was typed and shown. */
export async function eraseSessions(tx: Tx, shard: number, ids: string[]): Promise<void> {
  await tx`
    update ussd_sessions set sealed = null, phone = null where shard = ${shard} and id = any(${ids}::uuid[])`;
  await tx`
    update ussd_hops set sealed = null, input = null, answer = null
    where shard = ${shard} and session = any(${ids}::uuid[]) and answered_by is not null`;
}
