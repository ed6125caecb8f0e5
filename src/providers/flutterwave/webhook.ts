import type { Finding } from "../../domain/evidence.ts";
import type { Kind, ProviderRefs } from "../../domain/kinds.ts";
import type { ProviderConnection } from "../call.ts";
import { fieldsAt, fieldsOf, isObject } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems, unreadable } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { idOf, present, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { identityOfFlutterwave } from "./identity.ts";
import { findingOf } from "./payment.ts";

/** Every event of the account, of versions 3 and 4. Every object gets the accepted answer. */
export const webhook: Channel = {
  forms: false,
  key(body) {
    const data = fieldsAt(body, "data");
    return keyOf(idOf(data("id")) ?? idOf(data("tx_ref", "reference")), eventOf(body), textOf(data("status")));
  },
  read: (body, _callback, connection) => readWebhook(body, connection),
  accepted: () => jsonReply({ status: "accepted" }),
  unreadable: null,
};

/** `event` in version 3, `type` in version 4. */
function eventOf(body: Record<string, unknown>): string | null {
  return textOf(fieldsOf(body)("event", "type", "event.type"))?.toLowerCase() ?? null;
}

function readWebhook(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const event = eventOf(body);
  if (event === null) return unreadable("event", "required");
  const data = fieldsOf(body)("data");
  if (!isObject(data)) return unreadable("data", "not an object");
  const problems = collectProblems();
  const finding = (() => {
    switch (event.split(".")[0]) {
      case "charge":
        return findingOf("checkout", data, problems, connection);
      case "transfer":
        return findingOf(kindOfTransfer(data), data, problems, connection);
      case "refund":
        return refundOf(event, data, problems);
      case "chargeback":
        return chargebackOf(event, data, problems);
      default:
        return null;
    }
  })();
  if (finding === null) return { kind: "ignored", reason: "an event that is about no payment" };
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}

type Problems = ReturnType<typeof collectProblems>;

/** Codes of wallets are words, such as MPS and MTN; those of banks are digits. */
function kindOfTransfer(data: Record<string, unknown>): Kind {
  const field = fieldsOf(data);
  const type = textOf(field("type"))?.toLowerCase();
  return type === "mobile_money" || /^[a-z]+$/i.test(textOf(field("bank_code")) ?? "")
    ? "mobile_payout"
    : "bank_payout";
}

/** Of a refund and a chargeback: the charge that it is about. */
function chargeOf(data: Record<string, unknown>, problems: Problems): ProviderRefs {
  const field = fieldsOf(data);
  const charge = fieldsAt(data, "charge");
  const id = idOf(field("charge_id", "transaction_id", "tx_id")) ?? idOf(charge("id"));
  const txRef = idOf(field("tx_ref")) ?? idOf(charge("reference"));
  if (id === null && txRef === null) problems.id("data.charge_id", undefined);
  return { ...(txRef !== null && { tx_ref: txRef }), ...(id !== null && { flw_id: id }) };
}

function refundOf(event: string, data: Record<string, unknown>, problems: Problems): Finding {
  const field = fieldsOf(data);
  const charge = chargeOf(data, problems);
  const status = textOf(field("status"))?.toLowerCase() ?? "";
  const isDone = /^(successful|succeeded|completed)\b/.test(status);
  const refundId = idOf(field("id"));
  const refs = { ...charge, ...(refundId !== null && { refund_id: refundId }) };
  const currency = textOf(field("currency"));
  const told = field("amount_refunded", "amountRefunded", "amount");
  const amount = isDone && currency !== null ? problems.amount("data.amount_refunded", told, currency) : undefined;
  const details = present({ refund_status: field("status") });
  return {
    kind: "checkout",
    says: isDone ? "refunded" : "nothing",
    refs,
    identity: identityOfFlutterwave("checkout", refs),
    result: { code: event, description: status || event },
    ...(amount && { amount }),
    ...(details && { details }),
  };
}

/** The disputed amount is a detail: it need not be the charge's. */
function chargebackOf(event: string, data: Record<string, unknown>, problems: Problems): Finding {
  const field = fieldsOf(data);
  const refs = chargeOf(data, problems);
  const isNew = /created|initiated/.test(event);
  const amount = [textOf(field("amount")), textOf(field("currency"))].filter(text => text !== null).join(" ");
  const details = present({
    dispute_id: field("id"),
    dispute_reason: field("reason", "comment"),
    dispute_amount: amount,
    dispute_due_at: field("due_date", "due_datetime"),
    dispute_status: isNew ? field("status", "stage") : null,
    dispute_resolution: isNew ? null : field("resolution"),
  });
  return {
    kind: "checkout",
    says: "disputed",
    refs,
    identity: identityOfFlutterwave("checkout", refs),
    result: { code: event, description: event },
    ...(details && { details }),
  };
}
