import type { DecisionReading, UssdInput } from "../decision.ts";
import type { Settings } from "../kit/country.ts";
import { fieldsOf } from "../kit/fields.ts";
import { textReply } from "../kit/reply.ts";
import { isUssdInput, readUssdInput, ussdKey, ussdUnavailable } from "../kit/ussd-input.ts";
import type { Channel, Reading } from "../provider.ts";
import { refused } from "./replies.ts";

/**
 * One screen of a USSD session, posted as a form. `text` is everything typed so far, joined by `*`; the gateway waits
 * 10 s.
 */
export const ussd: Channel = {
  forms: true,
  key: body => ussdKey(readScreen(body)),
  read(body, _callback, connection): Reading {
    const decision = readScreen(body, connection);
    return decision.kind === "unreadable"
      ? decision
      : { kind: "ignored", reason: "a USSD session is about no transaction" };
  },
  accepted: () => textReply(ussdUnavailable),
  unreadable: refused,
  recognizes: body => isUssdInput(body) && fieldsOf(body)("status") === undefined,
  decision: { type: "ussd.input", read: readScreen, reply: text => textReply(text) },
};

/** The end of a session names the session and the phone too, but has a status in place of a text. */
function readScreen(body: Record<string, unknown>, connection?: Settings): DecisionReading<UssdInput> {
  const screen = readUssdInput(body, connection);
  if (screen.kind === "unreadable" || fieldsOf(body)("status") === undefined) return screen;
  return { kind: "unreadable", problems: [{ path: "text", message: "required: this is the end of a session" }] };
}
