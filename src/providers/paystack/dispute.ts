import { formatMoney, parseMinorAmount } from "../../domain/money.ts";
import { fieldsOf } from "../kit/fields.ts";
import { present, textOf } from "../kit/text.ts";
import type { PaystackFacts } from "./transaction.ts";

/**
 * What people need who answer a dispute. It has no amount of the charge: the disputed one is a detail. Each event has
 * names of its own, so that the order in which they come decides nothing.
 */
export function disputeFacts(event: string, data: Record<string, unknown>): Pick<PaystackFacts, "details"> {
  const field = fieldsOf(data);
  const isResolved = event === "charge.dispute.resolve";
  const details = present({
    dispute_id: field("id"),
    dispute_reason: field("category"),
    dispute_amount: amountOf(field("refund_amount"), textOf(field("currency"))),
    dispute_due_at: field("dueAt", "due_at"),
    dispute_resolution: isResolved ? field("resolution") : null,
    dispute_resolved_at: isResolved ? field("resolvedAt", "resolved_at") : null,
    dispute_status: event === "charge.dispute.create" ? field("status") : null,
  });
  return details ? { details } : {};
}

function amountOf(value: unknown, currency: string | null): string | null {
  if (currency === null) return null;
  const parsed = parseMinorAmount(value, currency);
  return parsed.ok ? `${formatMoney(parsed.money)} ${parsed.money.currency}` : null;
}
