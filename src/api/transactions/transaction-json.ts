import type { Vault } from "../../database/vault/vault.ts";
import { type TransactionJson, transactionJson } from "../../domain/transaction-json.ts";
import { openPersonal } from "../../settle/personal-part.ts";
import type { ListedTransactionRow } from "./store.ts";

/** A row as the API shows it, the same as in events. */
export function transactionRowJson(row: ListedTransactionRow, vault: Vault): TransactionJson {
  const { phone, phoneMasked, partyName, details, metadata } = openPersonal(row, vault);
  return transactionJson({
    ...row,
    ...{ phone, phoneMasked, partyName, details, metadata },
    refs: row.providerRefs,
    amount: row.amount === null ? null : { minor: row.amount, currency: row.currency! },
    refundedMinor: row.refundedAmount,
    // Not part of the JSON.
    registration: null,
    phoneKey: null,
  });
}
