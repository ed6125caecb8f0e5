import { type TransactionJson, transactionJson } from "../../domain/transaction-json.ts";
import type { ListedTransactionRow } from "./store.ts";

/** A row as the API shows it, the same as in events. */
export function transactionRowJson(row: ListedTransactionRow): TransactionJson {
  return transactionJson({
    ...row,
    refs: row.providerRefs,
    amount: row.amount === null ? null : { minor: row.amount, currency: row.currency! },
    refundedMinor: row.refundedAmount,
    // Not part of the JSON.
    registration: null,
    phoneKey: null,
  });
}
