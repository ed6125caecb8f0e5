import type { DecisionReading, UssdInput } from "../decision.ts";
import type { Settings } from "../kit/country.ts";
import { fieldsOf } from "../kit/fields.ts";
import { textReply } from "../kit/reply.ts";
import { isUssdInput, readUssdInput, ussdKey, ussdUnavailable } from "../kit/ussd-input.ts";
import type { Channel, Reading } from "../provider.ts";
import { refOf } from "./payment.ts";

/**
 * One screen of a USSD session. `text` is empty at first, then a `*`, the service code's extension and everything
 * typed, joined by `*`. Any status but 200 ends the session, so what cannot be read gets an `END` of its own.
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
  unreadable: null,
  recognizes: body => isUssdInput(body) && refOf(fieldsOf(body)).ref === null,
  decision: { type: "ussd.input", read: readScreen, reply: text => textReply(text) },
};

function readScreen(body: Record<string, unknown>, connection?: Settings): DecisionReading<UssdInput> {
  return readUssdInput(body, connection, typedAfter);
}

/**
 * What the subscriber typed: the leading `*` is taken off, and the extension once. Of `*30*30*1` under `*860*30#` they
 * typed 30, then 1; taken off twice, their 30 would be lost.
 */
function typedAfter(text: string, serviceCode: string | null): string {
  if (!text.startsWith("*")) return text;
  const typed = text.slice(1);
  const extension = /^\*\d+\*(.+?)#?$/.exec(serviceCode ?? "")?.[1];
  if (extension === undefined) return typed;
  if (typed === extension) return "";
  return typed.startsWith(`${extension}*`) ? typed.slice(extension.length + 1) : typed;
}
