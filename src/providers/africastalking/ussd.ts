import { textReply } from "../kit/reply.ts";
import { readUssdInput, ussdKey, ussdUnavailable } from "../kit/ussd-input.ts";
import type { Channel, Reading } from "../provider.ts";
import { refused } from "./replies.ts";

/**
 * One screen of a USSD session, posted as a form. `text` is everything typed so far, joined by `*`; the gateway waits
 * 10 s.
 */
export const ussd: Channel = {
  forms: true,
  key: body => ussdKey(readUssdInput(body)),
  read(body): Reading {
    const decision = readUssdInput(body);
    return decision.kind === "unreadable"
      ? decision
      : { kind: "ignored", reason: "a USSD session is about no transaction" };
  },
  accepted: () => textReply(ussdUnavailable),
  unreadable: refused,
  decision: { type: "ussd.input", read: body => readUssdInput(body), reply: text => textReply(text) },
};
