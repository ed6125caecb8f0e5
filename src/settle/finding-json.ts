import type { Vault } from "../database/vault/vault.ts";
import type { Evidence } from "../domain/evidence.ts";
import type { Money } from "../domain/money.ts";
import type { Registration } from "../domain/transaction.ts";
import type { PersonalFields } from "./personal-part.ts";

type MoneyJson = { minor: string; currency: string };

/** Seals the part of evidence that has no column of its own: money as text, times as RFC 3339. */
export function sealFinding(e: Evidence, vault: Vault): Buffer {
  return vault.sealJson("evidence", e.id, findingToJson(e));
}

function findingToJson(e: Evidence): Record<string, unknown> {
  const { id: _, source: _s, strength: _t, callbackId: _c, reading: _r, learntAt: _l, amount, ...rest } = e;
  return { ...rest, ...(amount ? { amount: moneyToJson(amount) } : {}) };
}

/** Evidence from its row. */
export function evidenceFromRow(row: EvidenceRow, vault: Vault): Evidence {
  const { amount, occurredAt, ...rest } = openFinding(row, vault);
  return {
    ...(rest as Omit<Evidence, "amount" | "occurredAt">),
    ...(amount ? { amount: moneyFromJson(amount as MoneyJson) } : {}),
    ...(occurredAt ? { occurredAt: new Date(occurredAt as string) } : {}),
    id: row.id,
    source: row.source,
    strength: row.strength,
    callbackId: row.callback_id,
    reading: row.reading,
    learntAt: row.learnt_at,
  };
}

/** The finding of a row, also of one from before personal data was sealed. */
export function openFinding(
  { id, sealed, finding }: Pick<EvidenceRow, "id" | "sealed" | "finding">,
  vault: Vault,
): Record<string, unknown> {
  return sealed === null ? (finding ?? {}) : vault.openJson("evidence", id, sealed);
}

/** A row of `evidence` as the hot client returns it. */
export type EvidenceRow = {
  transaction_id: string;
  id: string;
  source: Evidence["source"];
  strength: Evidence["strength"];
  callback_id: string | null;
  reading: number;
  sealed: Uint8Array | null;
  finding: Record<string, unknown> | null;
  learnt_at: Date;
};

/** A registration as the column `registration` holds it: its phone and metadata are in the row's sealed part. */
export function registrationToJson(r: Registration | null): Record<string, unknown> | null {
  if (r === null) return null;
  const { phone, metadata: _, amount, expiresAt, ...rest } = r;
  return {
    ...rest,
    amount: amount && moneyToJson(amount),
    phone: phone === null ? null : true,
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}

/** A registration from the column `registration`, and the personal part of its row. */
export function registrationFromJson(
  json: unknown,
  { registrationPhone, registrationMetadata }: Pick<PersonalFields, "registrationPhone" | "registrationMetadata">,
): Registration | null {
  if (json === null) return null;
  const r = json as Omit<Registration, "amount" | "expiresAt"> & { amount: MoneyJson | null; expiresAt: string | null };
  return {
    ...r,
    phone: registrationPhone,
    metadata: registrationMetadata,
    amount: r.amount && moneyFromJson(r.amount),
    expiresAt: r.expiresAt === null ? null : new Date(r.expiresAt),
  };
}

function moneyToJson(money: Money): MoneyJson {
  return { minor: money.minor.toString(), currency: money.currency };
}

function moneyFromJson(json: MoneyJson): Money {
  return { minor: BigInt(json.minor), currency: json.currency };
}
