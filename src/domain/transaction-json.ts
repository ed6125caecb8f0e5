import { publicId } from "./ids.ts";
import { kinds } from "./kinds.ts";
import { formatMoney } from "./money.ts";
import type { Review, Transaction } from "./transaction.ts";

/** A transaction as events and the API show it. */
export type TransactionJson = ReturnType<typeof transactionJson>;

export function transactionJson(t: Transaction) {
  return {
    id: publicId("transaction", t.id),
    merchant_id: publicId("merchant", t.merchantId),
    connection_id: publicId("connection", t.connectionId),
    provider: t.provider,
    environment: t.environment,
    kind: t.kind,
    direction: kinds[t.kind].direction,
    status: t.status,
    status_source: t.statusSource,
    registered: t.registered,
    version: t.version,
    reference: t.reference,
    provider_refs: t.refs,
    amount: t.amount ? formatMoney(t.amount) : null,
    refunded_amount: t.amount ? formatMoney({ minor: t.refundedMinor, currency: t.amount.currency }) : null,
    currency: t.amount ? t.amount.currency : null,
    phone: t.phone,
    phone_masked: t.phoneMasked,
    party_name: t.partyName,
    result: t.result,
    review: reviewJson(t.review),
    start: t.start,
    details: t.details,
    occurred_at: t.occurredAt?.toISOString() ?? null,
    created_at: t.createdAt.toISOString(),
    updated_at: t.updatedAt.toISOString(),
    metadata: t.metadata,
  };
}

/** `duplicate_of` is shown by the review's event only. */
function reviewJson(review: Review | null) {
  if (review === null) return null;
  const { reason, since, detail, expected = null, told = null, related = [] } = review;
  return { reason, since, detail, expected, told, related: related.map(id => publicId("transaction", id)) };
}
