import { parsePhone } from "../../domain/phone.ts";
import type { ProviderConnection } from "../call.ts";
import { countryOf } from "../kit/country.ts";
import { fieldsOf } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { idOf, textOf } from "../kit/text.ts";
import { isUssdInput } from "../kit/ussd-input.ts";
import type { Channel, Reading } from "../provider.ts";
import { homeCountry } from "./home-country.ts";
import { accepted, refused } from "./replies.ts";

/** The end of a USSD session, posted as a form. It settles nothing, and may never come. */
export const ussdEvents: Channel = {
  forms: true,
  key(body) {
    const field = fieldsOf(body);
    return keyOf(idOf(field("sessionId")), textOf(field("status"))?.toLowerCase() ?? null);
  },
  read: (body, _callback, connection) => readSessionEnd(body, connection),
  recognizes(body) {
    const field = fieldsOf(body);
    return ["sessionId", "status"].every(name => field(name) !== undefined);
  },
  accepted,
  unreadable: refused,
};

function readSessionEnd(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const field = fieldsOf(body);
  const problems = collectProblems();
  const sessionId = problems.id("sessionId", field("sessionId"));
  if (isUssdInput(body) && field("status") === undefined) problems.add("status", "required: this is a screen");
  const found = problems.found();
  if (found) return found;

  const payload = {
    session_id: sessionId,
    service_code: textOf(field("serviceCode")),
    network_code: textOf(field("networkCode")),
    phone: parsePhone(field("phoneNumber"), countryOf(connection, homeCountry)),
    status: textOf(field("status")),
    cost: textOf(field("cost")),
    duration_ms: countOf(field("durationInMillis")),
    hops_count: countOf(field("hopsCount")),
    input: textOf(field("input")),
    last_response: textOf(field("lastAppResponse")),
    error: textOf(field("errorMessage")),
  };
  return { kind: "message", messages: [{ type: "ussd.session_ended", payload }] };
}

/** A whole number of up to 15 digits, sent as text or number; null for anything else. */
function countOf(value: unknown): number | null {
  const text = textOf(value);
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
