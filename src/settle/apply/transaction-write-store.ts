import type { Tx } from "../../database/connect.ts";
import type { Vault } from "../../database/vault/vault.ts";
import type { Transaction } from "../../domain/transaction.ts";
import type { SettleDeps } from "../batch.ts";
import { registrationToJson } from "../finding-json.ts";
import { type PersonalColumns, personalColumns } from "../personal-part.ts";

/** The columns of `transactions` beside its key, with their types. */
const columns = `merchant_id uuid, connection_id uuid, provider text, environment text, kind text, status text,
  status_source text, registered boolean, version int, sequence int, reference text, provider_refs jsonb, amount bigint,
  refunded_amount bigint, currency text, sealed bytea, has_phone boolean, name_hashes int[], phone text,
  phone_masked text, phone_hash bytea, party_name text, result jsonb, review jsonb, details jsonb, metadata jsonb,
  registration jsonb, start jsonb, occurred_at timestamptz, expires_at timestamptz, created_at timestamptz,
  updated_at timestamptz, merged_into uuid`;
const names = columns.split(",").map(column => column.trim().split(" ")[0]!);

/**
 * Plain columns of rows from before personal data was sealed become empty. A sealed value is hex, PostgreSQL's text of
 * a bytea: base64 would be converted in the statement, for every row of its own.
 */
function rowsJson(rows: Transaction[], { phones, vault }: { phones: SettleDeps["phones"]; vault: Vault }): string {
  return JSON.stringify(
    rows.map(t => ({
      ...personalJson(personalColumns(t, vault)),
      id: t.id,
      merchant_id: t.merchantId,
      connection_id: t.connectionId,
      provider: t.provider,
      environment: t.environment,
      kind: t.kind,
      status: t.status,
      status_source: t.statusSource,
      registered: t.registered,
      version: t.version,
      sequence: t.sequence,
      reference: t.reference,
      provider_refs: t.refs,
      amount: t.amount?.minor.toString() ?? null,
      refunded_amount: t.refundedMinor.toString(),
      currency: t.amount?.currency ?? null,
      phone_hash: phoneHashOf(t, phones),
      result: t.result,
      review: t.review,
      details: {},
      metadata: {},
      registration: registrationToJson(t.registration),
      start: t.start,
      occurred_at: t.occurredAt,
      expires_at: t.expiresAt,
      created_at: t.createdAt,
      updated_at: t.updatedAt,
      merged_into: t.mergedInto,
    })),
  );
}

function personalJson({ sealed, ...columns }: PersonalColumns) {
  return { ...columns, sealed: sealed && `\\x${sealed.toString("hex")}` };
}

/** The hash as PostgreSQL's text of a bytea; null where neither the phone nor its hash is known. */
function phoneHashOf({ phone, phoneKey }: Transaction, phones: SettleDeps["phones"]): string | null {
  const hex = phone === null ? phoneKey : phones.ofPhone(phone).toString("hex");
  return hex === null ? null : `\\x${hex}`;
}

export async function insertTransactions(
  tx: Tx,
  shard: number,
  rows: Transaction[],
  phones: SettleDeps["phones"],
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into transactions (shard, id, ${tx.unsafe(names.join(", "))})
    select ${shard}, id, ${tx.unsafe(names.join(", "))}
    from jsonb_to_recordset(${rowsJson(rows, { phones, vault: tx.vault })}::text::jsonb)
      as r (id uuid, ${tx.unsafe(columns)})`;
}

/**
 * Each row is looked up alone, and by its place: as a join, a plan made while the table was empty walked a whole shard
 * and read the list again for every row (measured: 300 ms for a hundred). The rows are locked, so their places stay.
 */
export async function updateTransactions(
  tx: Tx,
  shard: number,
  rows: Transaction[],
  phones: SettleDeps["phones"],
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    update transactions t set ${tx.unsafe(names.map(name => `${name} = r.${name}`).join(", "))}
    from jsonb_to_recordset(${rowsJson(rows, { phones, vault: tx.vault })}::text::jsonb)
      as r (id uuid, ${tx.unsafe(columns)})
    cross join lateral (select ctid from transactions where shard = ${shard} and id = r.id limit 1) as at
    where t.shard = ${shard} and t.ctid = at.ctid`;
}

/** Inserts the provider's ids, by any of which a transaction can be searched. */
export async function insertRefs(tx: Tx, shard: number, rows: Transaction[]): Promise<void> {
  const refs = rows.flatMap(t => [...new Set(Object.values(t.refs))].map(value => ({ id: t.id, value })));
  if (refs.length === 0) return;
  await tx`
    insert into transaction_refs (shard, value, transaction_id)
    select ${shard}, lower(value), id
    from unnest(${refs.map(r => r.value)}::text[], ${refs.map(r => r.id)}::uuid[]) as ref (value, id)
    on conflict do nothing`;
}
