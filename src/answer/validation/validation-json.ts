import { publicId } from "../../domain/ids.ts";
import { formatMoney } from "../../domain/money.ts";
import type { Validation } from "../../providers/decision.ts";
import { payloadProblem } from "../../providers/kit/payload.ts";
import type { DecisionRequest } from "../decision.ts";

/**
 * A validation as the merchant gets it, with the names of a transaction. `payload` is the body as the provider sent it,
 * or null where it cannot be passed on as JSON.
 */
export function validationJson(
  { connection }: Pick<DecisionRequest, "connection">,
  validation: Validation,
  payload: Record<string, unknown>,
): Record<string, unknown> {
  return {
    connection_id: publicId("connection", connection.id),
    provider: connection.provider,
    provider_refs: validation.refs,
    reference: validation.reference,
    amount: formatMoney(validation.amount),
    currency: validation.amount.currency,
    phone: validation.phone,
    party_name: validation.partyName,
    occurred_at: validation.occurredAt?.toISOString() ?? null,
    details: validation.details,
    payload: payloadProblem(payload) === null ? payload : null,
  };
}
