import type { Finding } from "../../domain/evidence.ts";
import { fieldsOf, isObject } from "../kit/fields.ts";
import { collectProblems } from "../kit/problems.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { isB2bExpress } from "./b2b-express.ts";
import { withOwnId } from "./own-id.ts";
import { accepted } from "./replies.ts";
import {
  conversationIdentity,
  envelopeOf,
  isResult,
  needConversation,
  type ResultEnvelope,
  resultKey,
} from "./result-envelope.ts";

/**
 * A request stood in Daraja's queue too long. Money may have moved all the same: it settles nothing, and the
 * transaction is polled at once. A wrapped notice has the shape of a result, so `result` claims it and reads it alike.
 */
export const timeout: Channel = {
  forms: false,
  key: body => resultKey(noticeOf(body)),
  read: (body, callback) => withOwnId(readTimeout(body), callback),
  recognizes: body => !isResult(body) && !isB2bExpress(body) && isAbout(noticeOf(body)),
  accepted,
  unreadable: null,
};

function readTimeout(body: Record<string, unknown>): Reading {
  const envelope = noticeOf(body);
  const problems = collectProblems();
  needConversation(envelope, problems);
  const { conversation, fields } = envelope;
  // A result that was sent here has an outcome, which a time-out never has.
  if (isObject(fields("ResultParameters"))) problems.add("Result.ResultParameters", "a time-out has none");
  if (isZeroCode(textOf(fields("ResultCode")))) problems.add("Result.ResultCode", "a time-out is no success");
  return problems.found() ?? { kind: "evidence", findings: [timeOutFinding(conversation, fields("ResultDesc"))] };
}

/** What a time-out notice says of its transaction, on whichever channel it comes. */
export function timeOutFinding(conversation: ResultEnvelope["conversation"], description: unknown): Finding {
  const details = { queue_timeout: textOf(description) ?? "timed out in the provider's queue" };
  const identity = conversationIdentity(conversation);
  return { kind: "b2c", says: "nothing", changed: true, refs: conversation, identity, details };
}

/** A notice was never documented to be wrapped: one with its fields at the root is read as well. */
function noticeOf(body: Record<string, unknown>): ResultEnvelope {
  const result = fieldsOf(body)("Result");
  if (isObject(result)) return envelopeOf(result);
  return envelopeOf(isB2bExpress(body) ? {} : body);
}

function isAbout({ conversation, fields }: ResultEnvelope): boolean {
  return Object.keys(conversation).length > 0 && textOf(fields("ResultCode", "ResultDesc")) !== null;
}
