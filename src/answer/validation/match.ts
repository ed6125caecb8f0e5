import type { Validation, ValidationVerdict } from "../../providers/decision.ts";
import type { AnswerContext } from "../answer-context.ts";
import { type DecisionRequest, leftMs } from "../decision.ts";
import { fallbackVerdict, type ValidationType } from "./effective-settings.ts";
import { claimAirtime, matchReference, releaseAirtime } from "./match-store.ts";

/** The verdict by what is registered; null where the database did not answer in time. */
export async function matchValidation(
  context: AnswerContext,
  type: ValidationType,
  request: DecisionRequest,
  validation: Validation,
): Promise<ValidationVerdict | null> {
  const ms = Math.min(context.deadlines[type].lookUpMs, leftMs(request));
  return type === "c2b.validation"
    ? matchPayment(context, request, validation, ms)
    : matchAirtime(context, request, validation, ms);
}

async function matchPayment(
  { sql, lookUps }: AnswerContext,
  { connection }: DecisionRequest,
  { reference, amount }: Validation,
  ms: number,
): Promise<ValidationVerdict | null> {
  if (reference === null) return { accept: false, reason: "unknown_account" };
  const found = await lookUps.run(ms, () => matchReference(sql, connection, reference, amount));
  if (found.kind !== "done") return null;
  if (found.value === "match") return { accept: true };
  return { accept: false, reason: found.value === "other amount" ? "invalid_amount" : "unknown_account" };
}

/** A masked phone is invalid: it names no registration. */
async function matchAirtime(
  context: AnswerContext,
  request: DecisionRequest,
  { id, amount, phone }: Validation,
  ms: number,
): Promise<ValidationVerdict | null> {
  if (phone === null) return { accept: false, reason: "invalid_phone" };
  const { sql, lookUps, phones } = context;
  const claim = () => claimAirtime(sql, request.connection, { id, amount, phone }, phones);
  const claimed = await lookUps.run(ms, claim, isClaimed => {
    if (isClaimed) releaseLateClaim(context, request, id);
  });
  if (claimed.kind !== "done") return null;
  return claimed.value ? { accept: true } : { accept: false, reason: "other" };
}

/**
 * By now the fallback has answered. Where it rejects, the airtime is not sent, and the next validation may use the
 * registration.
 */
function releaseLateClaim({ sql, log }: AnswerContext, { connection }: DecisionRequest, validationId: string): void {
  if (fallbackVerdict("airtime.validation", connection).accept) return;
  releaseAirtime(sql, connection, validationId).catch(error => {
    log.warn(
      { err: error, connection_id: connection.id },
      "airtime registration not released: it stays claimed by a rejected validation",
    );
  });
}
