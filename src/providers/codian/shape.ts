import { fieldsOf } from "../kit/fields.ts";
import { isStk } from "../kit/stk-envelope.ts";

export type Shape = "payments" | "airtime" | "sms" | "email" | "chat";

/** ISO 3166: where a connection is that names no country. */
export const homeCountry = "KE";

/** Which of Codian's callbacks a body is, by the field that only that one has; null where it has none of them. */
export function shapeOf(body: Record<string, unknown>): Shape | null {
  const field = fieldsOf(body);
  if (isStk(body)) return "payments";
  if (field("airtime_id") !== undefined) return "airtime";
  if (field("sms_id") !== undefined) return "sms";
  if (field("email_id") !== undefined) return "email";
  return field("event") === undefined ? null : "chat";
}
