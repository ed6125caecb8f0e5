import type { Finding } from "../../domain/evidence.ts";
import type { Kind } from "../../domain/kinds.ts";
import type { ProviderConnection } from "../call.ts";
import { fieldsAt, fieldsOf, isObject } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems, unreadable } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { idOf, present, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { disputeFacts } from "./dispute.ts";
import { identityOfPaystack } from "./identity.ts";
import { saysByEvent } from "./statuses.ts";
import { amountOf, chargeFacts, type PaystackFacts, transferFacts } from "./transaction.ts";

/** Every event of the account. Every object gets the accepted answer, for Paystack tries others again for 72 hours. */
export const webhook: Channel = {
  forms: false,
  key(body) {
    const data = fieldsAt(body, "data");
    const event = textOf(fieldsOf(body)("event"))?.toLowerCase() ?? null;
    return keyOf(idOf(data("id")) ?? referenceOf(data), event, textOf(data("status")));
  },
  read: (body, _callback, connection) => readWebhook(body, connection),
  accepted: () => jsonReply({ status: "accepted" }),
  unreadable: null,
};

type Data = ReturnType<typeof fieldsOf>;

function referenceOf(data: Data): string | null {
  const transaction = fieldsOf(data("transaction"));
  return idOf(data("transaction_reference")) ?? idOf(transaction("reference")) ?? idOf(data("reference"));
}

function readWebhook(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const event = textOf(fieldsOf(body)("event"))?.toLowerCase() ?? null;
  if (event === null) return unreadable("event", "required");
  const data = fieldsOf(body)("data");
  if (!isObject(data)) return unreadable("data", "not an object");
  const field = fieldsOf(data);
  const family = event.split(".")[0];
  if (!Object.hasOwn(saysByEvent, event)) {
    // A word of a charge or a transfer that is not known may be its end: the status call knows.
    return family === "charge" || family === "transfer"
      ? readChanged(kindOf(event, data), field)
      : { kind: "ignored", reason: "an event that is about no charge and no transfer" };
  }
  const problems = collectProblems();
  const reference = problems.id(pathOfReference(event), referenceOf(field));
  const facts = factsOf(event, data, problems, connection);
  const found = problems.found();
  if (found) return found;
  const kind = kindOf(event, data);
  const refundId = event.startsWith("refund.") ? idOf(field("refund_reference", "id")) : null;
  const refs = { transaction_reference: reference, ...(refundId !== null && { refund_id: refundId }) };
  const description = textOf(field("gateway_response", "message", "reason")) ?? event;
  const finding: Finding = {
    kind,
    says: saysByEvent[event as keyof typeof saysByEvent],
    refs,
    identity: identityOfPaystack(kind, refs),
    result: { code: event, description },
    // Merchants choose the reference themselves.
    reference,
    ...facts,
  };
  return { kind: "evidence", findings: [finding] };
}

function readChanged(kind: Kind, field: Data): Reading {
  const problems = collectProblems();
  const reference = problems.id("data.reference", referenceOf(field));
  const found = problems.found();
  if (found) return found;
  const refs = { transaction_reference: reference };
  const finding: Finding = { kind, says: "nothing", refs, identity: identityOfPaystack(kind, refs), reference };
  return { kind: "changed", findings: [finding] };
}

function pathOfReference(event: string): string {
  if (event.startsWith("refund.")) return "data.transaction_reference";
  return event.startsWith("charge.dispute.") ? "data.transaction.reference" : "data.reference";
}

function factsOf(
  event: string,
  data: Record<string, unknown>,
  problems: ReturnType<typeof collectProblems>,
  connection: ProviderConnection,
): PaystackFacts {
  if (event.startsWith("transfer.")) return transferFacts(data, "data.", problems);
  if (event.startsWith("charge.dispute.")) return disputeFacts(event, data);
  if (!event.startsWith("refund.")) return chargeFacts(data, "data.", problems, connection);
  const details = present({ refund_status: fieldsOf(data)("status") });
  // Only a refund that is done has an amount of its own; else it would be taken for the charge's.
  const amount = event === "refund.processed" ? amountOf(fieldsOf(data), "amount", "data.", problems) : {};
  return { ...amount, ...(details && { details }) };
}

/** Of a transfer: banks' codes of wallets are words, such as MPESA and MTN; those of banks are digits. */
function kindOf(event: string, data: Record<string, unknown>): Kind {
  if (!event.startsWith("transfer.")) return "checkout";
  const recipient = fieldsAt(data, "recipient");
  const type = textOf(recipient("type"))?.toLowerCase();
  const bankCode = textOf(fieldsAt(data, "recipient", "details")("bank_code")) ?? "";
  return type?.startsWith("mobile_money") || /^[a-z]+$/i.test(bankCode) ? "mobile_payout" : "bank_payout";
}
