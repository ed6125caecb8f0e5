import type { Finding } from "../../domain/evidence.ts";
import type { Kind } from "../../domain/kinds.ts";
import type { ProviderConnection } from "../call.ts";
import type { Settings } from "../kit/country.ts";
import { fieldsAt, fieldsOf, isObject, listOf } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems, type Problems, unreadable } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { type StatusTable, saysOf } from "../kit/status-table.ts";
import { idOf, receiptOf, shortTextOf, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { factsOf, identityOfKopokopo, saysByResourceStatus, tillPayment } from "./resource.ts";
import { topicOf } from "./webhook.ts";

/** The statuses of incoming payments and of money that is sent. */
export const saysByStatus = {
  success: "completed",
  transferred: "completed",
  processed: "completed",
  failed: "failed",
  pending: "pending",
  scheduled: "pending",
} as const satisfies StatusTable;

const kindByType = {
  incoming_payment: "stk_push",
  send_money: "mobile_payout",
  payment: "mobile_payout",
  reversal: "reversal",
} as const satisfies Record<string, Kind>;

const rowsMax = 1_000;

/** Results of calls: pushes, money sent, and statements. */
export const result: Channel = {
  forms: false,
  key(body) {
    const data = fieldsAt(body, "data");
    return keyOf(idOf(data("id")), textOf(fieldsAt(body, "data", "attributes")("status")));
  },
  read: (body, _callback, connection) => readResult(body, connection),
  recognizes: body => topicOf(body) === null && isObject(fieldsAt(body, "data")("attributes")),
  accepted: () => jsonReply({ status: "accepted" }),
  unreadable: null,
};

function readResult(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  if (topicOf(body) !== null) return unreadable("data", "required");
  const data = fieldsOf(body)("data");
  const type = textOf(fieldsOf(data)("type"))?.toLowerCase() ?? null;
  if (!isObject(data) || type === null) return unreadable("data.type", "required");
  if (type === "polling") return readStatement(data, connection);
  if (!Object.hasOwn(kindByType, type)) return { kind: "ignored", reason: "a result that is about no payment" };
  const problems = collectProblems();
  const finding = findingOf(kindByType[type as keyof typeof kindByType], data, problems, connection);
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}

/** `data` of a result, and of a status answer. */
export function findingOf(kind: Kind, data: unknown, problems: Problems, connection: Settings): Finding {
  const attributes = fieldsAt(data, "attributes");
  const event = fieldsOf(attributes("event"));
  const id = problems.id("data.id", fieldsOf(data)("id"));
  const status = problems.text("data.attributes.status", attributes("status"));
  const says = saysOf(saysByStatus, status, "pending");
  const resource = event("resource");
  const receipt = receiptOf(fieldsOf(resource)("reference")) ?? onlyReceipt(data);
  const refs = { k2_id: id, ...(receipt !== null && { receipt }) };
  const reference = shortTextOf(fieldsOf(attributes("metadata"))("reference"));
  return {
    kind,
    says,
    refs,
    identity: identityOfKopokopo(refs),
    result: { code: status, description: textOf(event("errors") ?? attributes("errors")) ?? status },
    ...factsOf(resource, "data.attributes.event.resource", problems, connection),
    ...(reference !== null && { reference }),
  };
}

/** The receipt of money that was sent, where it went out in one piece. */
function onlyReceipt(data: unknown): string | null {
  const batches = listOf(fieldsAt(data, "attributes")("transfer_batches"));
  const disbursements = batches.flatMap(batch => listOf(fieldsOf(batch)("disbursements")));
  return disbursements.length === 1 ? receiptOf(fieldsOf(disbursements[0])("transaction_reference")) : null;
}

/** The transactions that a pull asked for. A row that cannot be read stops no other. */
function readStatement(data: Record<string, unknown>, connection: ProviderConnection): Reading {
  const rows = listOf(fieldsAt(data, "attributes")("transactions")).slice(0, rowsMax);
  const findings = rows.flatMap((row, at) => {
    const resource = fieldsOf(row)("resource");
    const says = saysOf(saysByResourceStatus, textOf(fieldsOf(resource)("status")) ?? "", "nothing");
    const problems = collectProblems();
    const path = `data.attributes.transactions.${at}.resource`;
    const finding = tillPayment(resource, says, path, problems, connection);
    return says === "nothing" || problems.found() ? [] : [finding];
  });
  const [first, ...rest] = findings;
  if (first === undefined) return { kind: "ignored", reason: "a statement without a payment" };
  return { kind: "evidence", findings: [first, ...rest] };
}
