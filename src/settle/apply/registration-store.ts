import type { Tx } from "../../database/connect.ts";
import { newUuid } from "../../domain/ids.ts";
import { formatMoney } from "../../domain/money.ts";
import type { Registration } from "../../domain/transaction.ts";
import type { TakenRegistration } from "./transaction-change.ts";

/** Stores the registrations of transactions as their timelines show them. Those of merged transactions have moved. */
export async function insertRegistrations(
  tx: Tx,
  shard: number,
  rows: (TakenRegistration & { transactionId: string; at: Date })[],
): Promise<void> {
  const made = rows.filter(({ position }) => position !== null);
  if (made.length === 0) return;
  await tx`
    insert into registrations (shard, transaction_id, id, at, by, sealed)
    select ${shard}, transaction_id, id, at, by, decode(sealed, 'base64')
    from jsonb_to_recordset(${JSON.stringify(
      made.map(({ transactionId, at, by, registration, amended }) => {
        const id = newUuid(shard);
        const registered = { values: valuesOf(registration), amendedFrom: amended && valuesOf(amended) };
        return {
          transaction_id: transactionId,
          id,
          at,
          by: by ?? { kind: "admin", id: null, name: null },
          sealed: tx.vault.sealJson("registrations", id, registered).toString("base64"),
        };
      }),
    )}::text::jsonb) as r (transaction_id uuid, id uuid, at timestamptz, by jsonb, sealed text)`;
}

/** A registration as the API shows it. */
function valuesOf({ kind, refs, reference, amount, phone, expiresAt }: Registration) {
  return {
    kind,
    provider_refs: refs,
    reference,
    amount: amount && formatMoney(amount),
    currency: amount?.currency ?? null,
    phone,
    expires_at: expiresAt?.toISOString() ?? null,
  };
}
