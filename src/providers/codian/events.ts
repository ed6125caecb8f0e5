import { fieldsAt, fieldsOf } from "../kit/fields.ts";
import { unreadable } from "../kit/problems.ts";
import type { Channel } from "../provider.ts";
import { airtime } from "./airtime.ts";
import { chat } from "./chat.ts";
import { email } from "./email.ts";
import { payments } from "./payments.ts";
import { accepted, refused } from "./replies.ts";
import { sms } from "./sms.ts";

/** One URL for all of Codian's callbacks: the fields say which channel it is. */
export const events: Channel = {
  forms: false,
  key: (body, callback) => channelOf(body)?.key(body, callback) ?? null,
  read: (body, callback, connection) =>
    channelOf(body)?.read(body, callback, connection) ?? unreadable("", unknownBody),
  accepted,
  unreadable: refused,
};

const unknownBody = "required: one of Body.stkCallback, airtime_id, sms_id, email_id, event";

function channelOf(body: Record<string, unknown>): Channel | null {
  const fields = fieldsOf(body);
  if (fieldsAt(body, "Body")("stkCallback") !== undefined) return payments;
  if (fields("airtime_id") !== undefined) return airtime;
  if (fields("sms_id") !== undefined) return sms;
  if (fields("email_id") !== undefined) return email;
  return fields("event") !== undefined ? chat : null;
}
