import { parsePhone } from "../../domain/phone.ts";
import type { ProviderConnection } from "../call.ts";
import type { DecisionReading, Validation, ValidationVerdict } from "../decision.ts";
import { countryOf } from "../kit/country.ts";
import { fieldsOf } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { idOf, present } from "../kit/text.ts";
import type { Channel, Reading, Reply } from "../provider.ts";
import { homeCountry } from "./home-country.ts";
import { refused } from "./replies.ts";

/**
 * Asks whether airtime about to be sent is the merchant's own: it exists to stop a stolen API key, so no decision
 * is a rejection. Wants its answer within a second, and may come while the send call is still open.
 */
export const airtimeValidation: Channel = {
  forms: true,
  key: body => keyOf(idOf(fieldsOf(body)("transactionId"))),
  read(body, _callback, connection): Reading {
    const decision = readValidation(body, connection);
    return decision.kind === "unreadable"
      ? decision
      : { kind: "ignored", reason: "a validation awaits a decision; it is never money" };
  },
  accepted: () => reply({ accept: false, reason: "other" }),
  recognizes(body) {
    const field = fieldsOf(body);
    const needed = ["transactionId", "phoneNumber", "currencyCode", "amount"];
    return needed.every(name => field(name) !== undefined) && field("status") === undefined;
  },
  unreadable: refused,
  decision: { type: "airtime.validation", read: readValidation, reply },
};

function readValidation(body: Record<string, unknown>, connection: ProviderConnection): DecisionReading<Validation> {
  const field = fieldsOf(body);
  const problems = collectProblems();
  const id = problems.id("transactionId", field("transactionId"));
  const phoneText = problems.text("phoneNumber", field("phoneNumber"));
  const currency = problems.text("currencyCode", field("currencyCode"));
  if (field("amount") === undefined) problems.add("amount", "required");
  const amount = currency === "" ? undefined : problems.amount("amount", field("amount"), currency);
  const found = problems.found();
  if (found || !amount) return found ?? { kind: "unreadable", problems: [{ path: "amount", message: "required" }] };
  return {
    kind: "question",
    question: {
      id,
      refs: { transaction_id: id },
      reference: null,
      amount,
      // One that cannot be read is registered for no transaction.
      phone: parsePhone(phoneText, countryOf(connection, homeCountry)),
      partyName: null,
      occurredAt: null,
      details: present({ source_ip_address: field("sourceIpAddress") }) ?? {},
    },
  };
}

function reply(verdict: ValidationVerdict): Reply {
  return jsonReply({ status: verdict.accept ? "Validated" : "Failed" });
}
