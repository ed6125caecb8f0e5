import type { Finding } from "../../domain/evidence.ts";
import { parseMoney } from "../../domain/money.ts";
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
import { saysByAirtimeStatus } from "./statuses.ts";

export const identityOfAirtime = identityOf("request_id");

/** How an airtime send ended. The short old shape has only `requestId` and `status`; the rest is optional. */
export const airtimeStatus: Channel = {
  forms: true,
  key(body) {
    const field = fieldsOf(body);
    const requestId = idOf(field("requestId"));
    if (requestId === null || isNone(requestId)) return null;
    return keyOf(requestId, textOf(field("status"))?.toLowerCase() ?? null);
  },
  read: (body, _callback, connection) => readAirtimeStatus(body, connection),
  recognizes(body) {
    const field = fieldsOf(body);
    return ["requestId", "status"].every(name => field(name) !== undefined) && field("sessionId", "id") === undefined;
  },
  accepted,
  unreadable: refused,
};

function readAirtimeStatus(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const field = fieldsOf(body);
  const problems = collectProblems();
  const requestId = problems.id("requestId", field("requestId"));
  if (isNone(requestId)) problems.add("requestId", "says None");
  const status = problems.text("status", field("status"));
  const value = field("value");
  const amount = value === undefined ? undefined : problems.money("value", parseMoney(value));
  const found = problems.found();
  if (found) return found;

  const refs = { request_id: requestId };
  const says = saysOf(saysByAirtimeStatus, status, "pending");
  const description = textOf(field("description"));
  const details = present({
    discount: field("discount"),
    failure_reason: says === "failed" ? (description ?? status) : null,
    unknown_status: Object.hasOwn(saysByAirtimeStatus, status.toLowerCase()) ? null : status,
  });
  const finding: Finding = {
    kind: "airtime",
    says,
    refs,
    identity: identityOfAirtime(refs),
    result: { code: status, description: description ?? status },
    ...(amount && { amount }),
    ...shownPhone(field("phoneNumber"), countryOf(connection, homeCountry)),
    ...(details && { details }),
  };
  return { kind: "evidence", findings: [finding] };
}

/** A send that was refused outright has the requestId "None": an id of many requests is the id of none. */
function isNone(requestId: string): boolean {
  return requestId.toLowerCase() === "none";
}
