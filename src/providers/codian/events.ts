import { unreadable } from "../kit/problems.ts";
import type { Channel } from "../provider.ts";
import { airtime } from "./airtime.ts";
import { chat } from "./chat.ts";
import { email } from "./email.ts";
import { payments } from "./payments.ts";
import { accepted, refused } from "./replies.ts";
import { type Shape, shapeOf } from "./shape.ts";
import { sms } from "./sms.ts";

const byShape = { payments, airtime, sms, email, chat } as const satisfies Record<Shape, Channel>;

/** One URL for all of Codian's callbacks: the fields say which channel it is. It claims no body from the others. */
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
  const shape = shapeOf(body);
  return shape === null ? null : byShape[shape];
}
