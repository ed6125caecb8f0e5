import type { Validation, ValidationVerdict } from "../../providers/decision.ts";
import type { AnswerContext } from "../answer-context.ts";
import { askMerchant, questionId } from "../ask-merchant.ts";
import { type DecisionRequest, leftMs } from "../decision.ts";
import { readVerdict } from "../merchant-answers.ts";
import type { AnsweredBy } from "../sent-answer.ts";
import {
  effectiveSettings,
  fallbackVerdict,
  type ValidationChannel,
  type ValidationType,
} from "./effective-settings.ts";
import { matchValidation } from "./match.ts";
import { validationJson } from "./validation-json.ts";

/** A verdict, who decided, and why the fallback did (null where it did not). */
export type ValidationDecision = { verdict: ValidationVerdict; by: AnsweredBy; problem: string | null };

/**
 * Rejects what is for another receiver, and decides the rest by the connection's mode. Every wait is bounded; without a
 * decision in time the fallback decides.
 */
export async function decideValidation(
  context: AnswerContext,
  channel: ValidationChannel,
  request: DecisionRequest,
  validation: Validation,
  payload: Record<string, unknown>,
): Promise<ValidationDecision> {
  const { type } = channel;
  if (request.callback.wrongReceiver !== null) {
    return { verdict: { accept: false, reason: "wrong_receiver" }, by: "rule", problem: null };
  }
  switch (effectiveSettings(type, request.connection).mode) {
    case "accept":
      return { verdict: { accept: true }, by: "rule", problem: null };
    case "match": {
      const verdict = await matchValidation(context, type, request, validation);
      if (verdict === null) return fallbackDecision(type, request, "the database did not answer");
      return { verdict, by: "rule", problem: null };
    }
    case "forward":
      return forwardValidation(context, channel, request, validation, payload);
  }
}

/** `problem`: why the fallback decides. */
export function fallbackDecision(
  type: ValidationType,
  { connection }: Pick<DecisionRequest, "connection">,
  problem: string,
): ValidationDecision {
  return { verdict: fallbackVerdict(type, connection), by: "fallback", problem };
}

async function forwardValidation(
  context: AnswerContext,
  { type, codes = {} }: ValidationChannel,
  request: DecisionRequest,
  validation: Validation,
  payload: Record<string, unknown>,
): Promise<ValidationDecision> {
  const { connection, callback } = request;
  const { url, timeout_ms } = effectiveSettings(type, connection);
  if (url === undefined) return fallbackDecision(type, request, "there is no url to ask");
  const answer = await askMerchant(context, {
    connection,
    url,
    id: questionId(`${connection.id}|${callback.channel}|${callback.key}|${callback.digest.toString("hex")}`),
    type,
    data: validationJson(request, validation, payload),
    timeoutMs: Math.min(timeout_ms ?? context.deadlines[type].merchantMs, leftMs(request)),
    read: body => readVerdict(body, codes),
  });
  if (!answer.ok) return fallbackDecision(type, request, answer.problem);
  return { verdict: answer.value, by: "merchant", problem: null };
}
