import type { ProviderRefs } from "../../domain/kinds.ts";
import { type Fields, fieldsOf, isObject } from "../kit/fields.ts";
import { identityOf } from "../kit/identity.ts";
import { keyOf } from "../kit/key.ts";
import { namedValues } from "../kit/named-values.ts";
import type { Problems } from "../kit/problems.ts";
import { idOf, textOf } from "../kit/text.ts";

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

export function resultEnvelope(body: Record<string, unknown>): ResultEnvelope {
  const result = fieldsOf(body)("Result");
  // A time-out notice was never documented to be wrapped; one with its fields at the root is read as well.
  const fields = fieldsOf(isObject(result) ? result : body);
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
export function resultKey(body: Record<string, unknown>): string | null {
  const { conversation, moreToCome } = resultEnvelope(body);
  const { conversation_id: id, originator_conversation_id: originator } = conversation;
  if (id === undefined && originator === undefined) return null;
  return keyOf(originator ?? "", id ?? "", ...(moreToCome ? ["more to come"] : []));
}

/** A result without either id could be about anything. */
export function needConversation({ conversation }: ResultEnvelope, problems: Problems): void {
  if (Object.keys(conversation).length > 0) return;
  problems.add("Result.ConversationID", "required, or an OriginatorConversationID");
}
