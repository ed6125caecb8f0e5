import type { Vault } from "../database/vault/vault.ts";
import type { Source } from "../domain/evidence.ts";
import type { Environment, Kind, ProviderRefs, Status } from "../domain/kinds.ts";
import type { Review, StartJson, Transaction } from "../domain/transaction.ts";
import { registrationFromJson } from "./finding-json.ts";
import { openPersonal } from "./personal-part.ts";

/** A row of `transactions` as the hot client returns it. */
export type TransactionRow = {
  shard: number;
  id: string;
  merchant_id: string;
  connection_id: string;
  provider: string;
  environment: Environment;
  kind: Kind;
  status: Status;
  status_source: Source;
  registered: boolean;
  version: number;
  sequence: number;
  reference: string | null;
  provider_refs: ProviderRefs;
  amount: bigint | null;
  refunded_amount: bigint;
  currency: string | null;
  sealed: Uint8Array | null;
  phone: string | null;
  phone_masked: string | null;
  phone_hash: Uint8Array | null;
  party_name: string | null;
  result: Transaction["result"];
  review: Review | null;
  details: Record<string, string>;
  metadata: Record<string, unknown>;
  registration: unknown;
  start: StartJson | null;
  occurred_at: Date | null;
  expires_at: Date | null;
  created_at: Date;
  updated_at: Date;
  merged_into: string | null;
};

/** A transaction from its row. */
export function transactionFromRow(row: TransactionRow, vault: Vault): Transaction {
  const { phone_masked: phoneMasked, party_name: partyName } = row;
  const personal = openPersonal({ ...row, phoneMasked, partyName }, vault);
  return {
    shard: row.shard,
    id: row.id,
    merchantId: row.merchant_id,
    connectionId: row.connection_id,
    provider: row.provider,
    environment: row.environment,
    kind: row.kind,
    status: row.status,
    statusSource: row.status_source,
    registered: row.registered,
    version: row.version,
    sequence: row.sequence,
    reference: row.reference,
    refs: row.provider_refs,
    amount: row.amount === null ? null : { minor: row.amount, currency: row.currency! },
    refundedMinor: row.refunded_amount,
    phone: personal.phone,
    phoneMasked: personal.phoneMasked,
    phoneKey: personal.phone === null && row.phone_hash !== null ? Buffer.from(row.phone_hash).toString("hex") : null,
    partyName: personal.partyName,
    result: row.result,
    review: row.review,
    details: personal.details,
    metadata: personal.metadata,
    registration: registrationFromJson(row.registration, personal),
    start: row.start,
    occurredAt: row.occurred_at,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    mergedInto: row.merged_into,
  };
}
