import type { TransactionWithTimeline } from "../../api/transactions/get.ts";
import { pollWords } from "../../api/transactions/poll-words.ts";
import type { TransactionJson } from "../../domain/transaction-json.ts";
import { readableMoney, readablePhone, readableTime } from "../readable.ts";
import { factsOf, type TableColumn } from "../table.ts";
import { timelineText } from "./timeline-text.ts";

/** A transaction as lists have it, or with the timeline. */
export type ShownTransaction = TransactionJson & Partial<Pick<TransactionWithTimeline, "polling" | "timeline">>;

/** The columns of a list of transactions. */
export const transactionColumns: readonly TableColumn<ShownTransaction>[] = [
  { heading: "ID", of: t => t.id },
  { heading: "KIND", of: t => `${t.provider} ${t.kind}` },
  { heading: "ENVIRONMENT", of: t => t.environment },
  { heading: "STATUS", of: t => t.status },
  { heading: "AMOUNT", of: readableMoney, right: true },
  { heading: "PHONE", of: t => readablePhone(t.phone) ?? t.phone_masked },
  { heading: "REFERENCE", of: t => t.reference },
  { heading: "REVIEW", of: t => t.review?.reason },
  { heading: "CREATED (UTC)", of: t => readableTime(t.created_at) },
];

/** A transaction with its timeline. */
export function transactionText(t: ShownTransaction): string {
  const { amount, refunded_amount, currency, review } = t;
  const facts = factsOf({
    id: t.id,
    status: `${t.status} (${t.status_source})`,
    kind: `${t.provider} ${t.kind}`,
    environment: t.environment,
    amount: readableMoney({ amount, currency }),
    refunded: Number(refunded_amount) > 0 ? readableMoney({ amount: refunded_amount, currency }) : null,
    phone: t.phone ?? t.phone_masked,
    party: t.party_name,
    reference: t.reference,
    registered: t.registered ? "yes" : "no",
    result: t.result && `${t.result.code} ${t.result.description}`,
    review: review && `${review.reason} since ${readableTime(review.since)}: ${review.detail}`,
    expected: review?.expected && readableMoney(review.expected),
    told: review?.told && readableMoney(review.told),
    related: review?.related.join(", "),
    ...pollingFacts(t.polling ?? null),
    connection: t.connection_id,
    created: readableTime(t.created_at),
    updated: readableTime(t.updated_at),
    version: t.version,
    ...t.provider_refs,
    ...t.details,
  });
  return t.timeline === undefined ? facts : `${facts}\n\n${timelineText(t.timeline)}`;
}

function pollingFacts(polling: TransactionWithTimeline["polling"]): Record<string, string | null> {
  if (polling === null) return {};
  const { next_at, last_at, last_outcome } = polling;
  const outcome = last_outcome === null ? "" : `, ${pollWords(last_outcome)}`;
  return {
    "next poll": next_at === null ? "none: polling has ended" : readableTime(next_at),
    "last poll": last_at === null ? "none yet" : `${readableTime(last_at)}${outcome}`,
  };
}
