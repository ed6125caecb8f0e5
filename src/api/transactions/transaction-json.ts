import type { Source } from "../../domain/evidence.ts";
import type { Kind, ProviderRefs, Status } from "../../domain/kinds.ts";
import type { Review, Transaction } from "../../domain/transaction.ts";
import { type TransactionJson, transactionJson } from "../../domain/transaction-json.ts";
import type { ListedTransactionRow } from "./store.ts";

/** A row as the API shows it: the same words as in events. */
export function transactionRowJson(row: ListedTransactionRow): TransactionJson {
  return transactionJson({
    ...row,
    kind: row.kind as Kind,
    status: row.status as Status,
    statusSource: row.statusSource as Source,
    refs: row.providerRefs as ProviderRefs,
    amount: row.amount === null ? null : { minor: row.amount, currency: row.currency! },
    result: row.result as Transaction["result"],
    review: row.review as Review | null,
    details: row.details as Transaction["details"],
    metadata: row.metadata as Transaction["metadata"],
    // What was registered is not shown as such.
    registration: null,
  });
}
