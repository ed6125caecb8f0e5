import type { Finding } from "../../domain/evidence.ts";
import { type Fields, fieldsAt, fieldsOf, isObject } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { saysOf } from "../kit/status-table.ts";
import { idOf, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { airtelIdOf, identityOfAirtel } from "./identity.ts";
import { saysByStatus } from "./statuses.ts";

/** One URL for payments and payouts of an application. Neither amount nor phone: the message is for people. */
export const callbacks: Channel = {
  forms: false,
  key(body) {
    const field = transactionIn(body);
    return keyOf(idOf(field("id")), textOf(field("status_code", "status"))?.toUpperCase() ?? null);
  },
  read: body => readCallback(body),
  accepted: () => jsonReply({ status: "accepted" }),
  unreadable: null,
};

/** At the root, or wrapped in `data` [code]. */
function transactionIn(body: Record<string, unknown>): Fields {
  const bare = fieldsOf(body)("transaction");
  return isObject(bare) ? fieldsOf(bare) : fieldsAt(body, "data", "transaction");
}

function readCallback(body: Record<string, unknown>): Reading {
  const field = transactionIn(body);
  const problems = collectProblems();
  const id = problems.id("transaction.id", field("id"));
  const status = problems.text("transaction.status_code", field("status_code", "status"));
  const found = problems.found();
  if (found) return found;
  const refs = { transaction_id: id, ...airtelIdOf(field("airtel_money_id")) };
  const finding: Finding = {
    // Payments and payouts look alike; what is registered keeps its kind.
    kind: "checkout",
    says: saysOf(saysByStatus, status, "pending"),
    refs,
    identity: identityOfAirtel(refs),
    result: { code: status, description: textOf(field("message")) ?? status },
  };
  return { kind: "evidence", findings: [finding] };
}
