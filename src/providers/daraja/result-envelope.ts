import type { ProviderRefs } from "../../domain/kinds.ts";
import { type Fields, fieldsOf, isObject } from "../kit/fields.ts";
import { identityOf } from "../kit/identity.ts";
import { keyOf } from "../kit/key.ts";
import { namedValues } from "../kit/named-values.ts";
import type { Problems } from "../kit/problems.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { idOf, textOf } from "../kit/text.ts";
import { realReceipt } from "./placeholder.ts";

/**
 * `Result{…}` as B2C, B2B, reversal, transaction status and account balance send it, on success, failure and time-out.
 */
export type ResultEnvelope = {
  conversation: ProviderRefs;
  fields: Fields;
  /** `ResultParameters`, by key: white space and letter case do not matter ("Conversation ID"). */
  parameters: Fields;
  /** `ReferenceData`, by key. */
  reference: Fields;
  /** ResultType 1 announces more to come: never final. */
  moreToCome: boolean;
};

export const conversationIdentity = identityOf("conversation_id", "originator_conversation_id");

/** Reads `Result`. What stands at the root is none: a B2B Express callback is flat, and its money comes in. */
export function resultEnvelope(body: Record<string, unknown>): ResultEnvelope {
  return envelopeOf(fieldsOf(body)("Result"));
}

/** Whether a body is a result, a time-out notice among them. */
export function isResult(body: Record<string, unknown>): boolean {
  const field = fieldsOf(fieldsOf(body)("Result"));
  return (idOf(field("ConversationID")) ?? idOf(field("OriginatorConversationID"))) !== null;
}

export function envelopeOf(result: unknown): ResultEnvelope {
  const fields = fieldsOf(result);
  const [id, originator] = [idOf(fields("ConversationID")), idOf(fields("OriginatorConversationID"))];
  return {
    conversation: {
      ...(id !== null && { conversation_id: id }),
      ...(originator !== null && { originator_conversation_id: originator }),
    },
    fields,
    parameters: namedValues(fields("ResultParameters"), "ResultParameter", "Key"),
    reference: namedValues(fields("ReferenceData"), "ReferenceItem", "Key"),
    moreToCome: textOf(fields("ResultType")) === "1",
  };
}

/** Both conversation ids name a result; an announcement of more to come is news of its own. */
export function resultKey({ conversation, moreToCome }: ResultEnvelope): string | null {
  const { conversation_id: id, originator_conversation_id: originator } = conversation;
  if (id === undefined && originator === undefined) return null;
  return keyOf(originator ?? "", id ?? "", ...(moreToCome ? ["more to come"] : []));
}

/**
 * Whether a result says that the request stood in a queue too long: no outcome, whatever its code (seen: 1, which is
 * "insufficient balance" elsewhere). The text decides against the rule that codes do, and only towards asking again.
 */
export function isTimeOut({ fields, moreToCome }: ResultEnvelope): boolean {
  const code = textOf(fields("ResultCode"));
  if (isZeroCode(code) || isObject(fields("ResultParameters"))) return false;
  const says = /\btime[ds]?[\s-]*out\b/i.test(textOf(fields("ResultDesc")) ?? "");
  return says && (moreToCome || realReceipt(fields("TransactionID")) === null);
}

/** A result without either id could be about anything. */
export function needConversation({ conversation }: ResultEnvelope, problems: Problems): void {
  if (Object.keys(conversation).length > 0) return;
  problems.add("Result.ConversationID", "required, or an OriginatorConversationID");
}
