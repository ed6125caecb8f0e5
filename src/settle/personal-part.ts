import type { Vault } from "../database/vault/vault.ts";
import type { Transaction } from "../domain/transaction.ts";
import { nameHashes } from "./name-hashes.ts";

/**
 * What a transaction's row holds of a person, in one sealed value. Short names, and nothing where there is nothing: the
 * value is in every row. `r`: the registration's, where it is not the transaction's own.
 */
type PersonalPart = {
  p?: string;
  m?: string;
  n?: string;
  d?: Record<string, string>;
  x?: Record<string, unknown>;
  r?: { p?: string | null; x?: Record<string, unknown> };
};

/** The personal columns of a row, as they are stored. */
export type PersonalColumns = { sealed: Buffer | null; has_phone: boolean; name_hashes: number[] | null };

/** The fields that the personal part stands for. */
export type PersonalFields = Pick<Transaction, "phone" | "phoneMasked" | "partyName" | "details" | "metadata"> & {
  registrationPhone: string | null;
  registrationMetadata: Record<string, unknown>;
};

/** Seals what a transaction holds of a person. */
export function personalColumns(t: Transaction, vault: Vault): PersonalColumns {
  const part: PersonalPart = {};
  if (t.phone !== null) part.p = t.phone;
  if (t.phoneMasked !== null) part.m = t.phoneMasked;
  if (t.partyName !== null) part.n = t.partyName;
  if (!isEmpty(t.details)) part.d = t.details;
  if (!isEmpty(t.metadata)) part.x = t.metadata;
  if (t.registration !== null) {
    const { phone, metadata } = t.registration;
    const r: PersonalPart["r"] = {};
    if (phone !== t.phone) r.p = phone;
    if (JSON.stringify(metadata) !== JSON.stringify(t.metadata)) r.x = metadata;
    if (!isEmpty(r)) part.r = r;
  }
  return {
    sealed: isEmpty(part) ? null : vault.sealJson("transactions", t.id, part),
    has_phone: t.phone !== null,
    name_hashes: t.partyName === null ? null : nameHashes(t.partyName, vault),
  };
}

/** A row's columns of personal data: `sealed`, or the plain ones of rows from before. */
type StoredPersonal = {
  id: string;
  sealed: Uint8Array | null;
  phone: string | null;
  phoneMasked: string | null;
  partyName: string | null;
  details: Record<string, string>;
  metadata: Record<string, unknown>;
  registration: unknown;
};

/** Opens what a row holds of a person. Plain columns count where the sealed part has nothing. */
export function openPersonal(row: StoredPersonal, vault: Vault): PersonalFields {
  const part = row.sealed === null ? {} : vault.openJson<PersonalPart>("transactions", row.id, row.sealed);
  const registered = row.registration as { phone?: string | true | null; metadata?: Record<string, unknown> } | null;
  const phone = part.p ?? row.phone;
  const metadata = part.x ?? row.metadata;
  const plainPhone = typeof registered?.phone === "string" ? registered.phone : null;
  return {
    phone,
    phoneMasked: part.m ?? row.phoneMasked,
    partyName: part.n ?? row.partyName,
    details: part.d ?? row.details,
    metadata,
    registrationPhone: part.r?.p !== undefined ? part.r.p : registered?.phone === true ? phone : plainPhone,
    registrationMetadata: part.r?.x ?? registered?.metadata ?? metadata,
  };
}

/** The number alone. */
export function openPhone({ id, sealed, phone }: Pick<StoredPersonal, "id" | "sealed" | "phone">, vault: Vault) {
  return (sealed && vault.openJson<PersonalPart>("transactions", id, sealed).p) ?? phone;
}

function isEmpty(value: object): boolean {
  for (const _ in value) return false;
  return true;
}
