import type { Evidence } from "../../domain/evidence.ts";
import type { Transaction } from "../../domain/transaction.ts";
import { ownEvidence } from "../own-evidence.ts";
import type { Reversal } from "./reversals-store.ts";

/**
 * Evidence that a completed reversal refunded a payment. It is as strong as the evidence that completed the reversal.
 */
export function refundEvidence(
  payment: Pick<Transaction, "id" | "kind">,
  { transactionId, source, strength, amount }: Reversal,
  now: Date,
): Evidence {
  const amountAndStrength = amount ? [`${amount.currency}${amount.minor}`, strength] : [];
  return {
    ...ownEvidence(["reversed", payment.id, transactionId, ...amountAndStrength].join("|"), payment.kind, now),
    source,
    strength,
    says: "refunded",
    ...(amount && { amount }),
    reversedBy: transactionId,
  };
}
