import { parsePhone } from "../../domain/phone.ts";
import { fieldsOf } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { idOf, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { accepted, refused } from "./replies.ts";

/** The end of a USSD session, posted as a form. It settles nothing, and may never come. */
export const ussdEvents: Channel = {
  forms: true,
  key(body) {
    const field = fieldsOf(body);
    return keyOf(idOf(field("sessionId")), textOf(field("status"))?.toLowerCase() ?? null);
  },
  read: readSessionEnd,
  accepted,
  unreadable: refused,
};

function readSessionEnd(body: Record<string, unknown>): Reading {
  const field = fieldsOf(body);
  const problems = collectProblems();
  const sessionId = problems.id("sessionId", field("sessionId"));
  const found = problems.found();
  if (found) return found;

  const payload = {
    session_id: sessionId,
    service_code: textOf(field("serviceCode")),
    network_code: textOf(field("networkCode")),
    phone: parsePhone(field("phoneNumber")),
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
