import type { Finding } from "../../domain/evidence.ts";
import type { ProviderConnection } from "../call.ts";
import { countryOf } from "../kit/country.ts";
import { fieldsOf } from "../kit/fields.ts";
import { identityOf } from "../kit/identity.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { shownPhone } from "../kit/shown-phone.ts";
import { saysOf } from "../kit/status-table.ts";
import { idOf, present, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { homeCountry } from "./home-country.ts";
import { accepted, refused } from "./replies.ts";
import { saysBySmsStatus } from "./statuses.ts";

export const identityOfSms = identityOf("message_id");

/** Delivery reports of one text message to one phone: posted as forms, JSON is read too. */
export const smsDelivery: Channel = {
  forms: true,
  key(body) {
    const field = fieldsOf(body);
    return keyOf(idOf(field("id")), textOf(field("status"))?.toLowerCase() ?? null);
  },
  read: (body, _callback, connection) => readSmsDelivery(body, connection),
  recognizes(body) {
    const field = fieldsOf(body);
    return ["id", "status"].every(name => field(name) !== undefined) && field("sessionId", "requestId") === undefined;
  },
  accepted,
  unreadable: refused,
};

function readSmsDelivery(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const field = fieldsOf(body);
  const problems = collectProblems();
  const refs = { message_id: problems.id("id", field("id")) };
  const status = problems.text("status", field("status"));
  const found = problems.found();
  if (found) return found;

  const failureReason = textOf(field("failureReason"));
  const details = present({
    failure_reason: failureReason,
    network_code: field("networkCode"),
    retry_count: field("retryCount"),
    unknown_status: Object.hasOwn(saysBySmsStatus, status.toLowerCase()) ? null : status,
  });
  const finding: Finding = {
    kind: "sms",
    says: saysOf(saysBySmsStatus, status, "pending"),
    refs,
    identity: identityOfSms(refs),
    result: { code: status, description: failureReason ?? status },
    ...shownPhone(field("phoneNumber"), countryOf(connection, homeCountry)),
    ...(details && { details }),
  };
  return { kind: "evidence", findings: [finding] };
}
