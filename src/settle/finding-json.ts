import type { Evidence } from "../domain/evidence.ts";
import type { Money } from "../domain/money.ts";
import type { Registration } from "../domain/transaction.ts";

type MoneyJson = { minor: string; currency: string };

/** The part of evidence that the column `finding` holds: money as text, times as RFC 3339. */
export function findingToJson(e: Evidence): Record<string, unknown> {
  const { id: _, source: _s, strength: _t, callbackId: _c, reading: _r, learntAt: _l, amount, ...rest } = e;
  return { ...rest, ...(amount ? { amount: moneyToJson(amount) } : {}) };
}

/** Evidence from its row. */
export function evidenceFromRow(row: EvidenceRow): Evidence {
  const { amount, occurredAt, ...rest } = row.finding;
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

/** A row of `evidence` as the hot client returns it. */
export type EvidenceRow = {
  transaction_id: string;
  id: string;
  source: Evidence["source"];
  strength: Evidence["strength"];
  callback_id: string | null;
  reading: number;
  finding: Record<string, unknown>;
  learnt_at: Date;
};

/** A registration as the column `registration` holds it. */
export function registrationToJson(r: Registration | null): Record<string, unknown> | null {
  return r && { ...r, amount: r.amount && moneyToJson(r.amount), expiresAt: r.expiresAt?.toISOString() ?? null };
}

/** A registration from the column `registration`. */
export function registrationFromJson(json: unknown): Registration | null {
  if (json === null) return null;
  const r = json as Omit<Registration, "amount" | "expiresAt"> & { amount: MoneyJson | null; expiresAt: string | null };
  return {
    ...r,
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
