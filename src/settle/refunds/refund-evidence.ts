import type { Evidence } from "../../domain/evidence.ts";
import { digestUuid } from "../../domain/ids.ts";
import type { Transaction } from "../../domain/transaction.ts";
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
    id: digestUuid(["reversed", payment.id, transactionId, ...amountAndStrength].join("|")),
    source,
    strength,
    callbackId: null,
    reading: 1,
    learntAt: now,
    kind: payment.kind,
    says: "refunded",
    refs: {},
    identity: [],
    ...(amount && { amount }),
    reversedBy: transactionId,
  };
}
