import type { Validation, ValidationVerdict } from "../../providers/provider.ts";
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

/** Rejects with C2B00012 for an unknown reference, with C2B00013 for another amount. */
async function matchPayment(
  { sql, lookUps }: AnswerContext,
  { connection }: DecisionRequest,
  { reference, amount }: Validation,
  ms: number,
): Promise<ValidationVerdict | null> {
  if (reference === null) return { accept: false, code: "C2B00012" };
  const found = await lookUps.run(ms, () => matchReference(sql, connection, reference, amount));
  if (found.kind !== "done") return null;
  if (found.value === "match") return { accept: true };
  return { accept: false, code: found.value === "other amount" ? "C2B00013" : "C2B00012" };
}

/** Rejects with C2B00011 where the phone is masked, with C2B00016 where no registration fits. */
async function matchAirtime(
  context: AnswerContext,
  request: DecisionRequest,
  { id, amount, phone }: Validation,
  ms: number,
): Promise<ValidationVerdict | null> {
  if (phone === null) return { accept: false, code: "C2B00011" };
  const { sql, lookUps, phoneHash } = context;
  const claim = () => claimAirtime(sql, request.connection, { id, amount, phone }, phoneHash);
  const claimed = await lookUps.run(ms, claim, isClaimed => {
    if (isClaimed) releaseLateClaim(context, request, id);
  });
  if (claimed.kind !== "done") return null;
  return claimed.value ? { accept: true } : { accept: false, code: "C2B00016" };
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
