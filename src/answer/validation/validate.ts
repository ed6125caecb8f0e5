import type { ValidationSettings } from "../../connections/validation-settings.ts";
import { digestUuid, publicId } from "../../domain/ids.ts";
import { formatMoney } from "../../domain/money.ts";
import { payloadProblem } from "../../providers/kit/canonical.ts";
import type { RejectionCode, Validation, ValidationVerdict } from "../../providers/provider.ts";
import type { MerchantCall } from "../ask-merchant.ts";
import type { Deadline } from "../deadlines.ts";
import { type AnswerDeps, type DecisionRequest, leftMs } from "../decision.ts";
import type { LookUp } from "../look-up.ts";
import { readVerdict } from "../merchant-answers.ts";
import type { AnsweredBy } from "../sent-answer.ts";
import { claimAirtime, matchReference, releaseAirtime } from "./match-store.ts";

export type ValidationType = "c2b.validation" | "airtime.validation";

/** A decision, who made it, and, for the log, why it came to the fallback. */
export type Decided = { verdict: ValidationVerdict; by: AnsweredBy; problem: string | null };

/** The defaults: a payment is taken unless somebody says no, airtime is not sent unless somebody says yes. */
const byDefault = {
  "c2b.validation": { mode: "accept", fallback: "accept" },
  "airtime.validation": { mode: "match", fallback: "reject" },
} as const satisfies Record<ValidationType, ValidationSettings>;

const settingsName = { "c2b.validation": "c2b_validation", "airtime.validation": "airtime_validation" } as const;

export function validationSettingsOf(type: ValidationType, asking: Pick<DecisionRequest, "connection">) {
  return { ...byDefault[type], ...asking.connection.settings[settingsName[type]] };
}

/** What is answered where nobody can decide. */
export function fallbackOf(type: ValidationType, asking: Pick<DecisionRequest, "connection">): ValidationVerdict {
  return validationSettingsOf(type, asking).fallback === "accept" ? { accept: true } : rejected("C2B00016");
}

export type ValidateDeps = Pick<AnswerDeps, "sql" | "phoneHash" | "log"> & { lookUp: LookUp; ask: MerchantCall };

/** Decides by the connection's mode. Every wait is bounded; whatever cannot be known in time is the fallback's. */
export async function validate(
  deps: ValidateDeps,
  type: ValidationType,
  asking: DecisionRequest,
  question: Validation,
  payload: Record<string, unknown>,
  deadline: Deadline,
): Promise<Decided> {
  const settings = validationSettingsOf(type, asking);
  const fallback = (problem: string): Decided => ({ verdict: fallbackOf(type, asking), by: "fallback", problem });
  switch (settings.mode) {
    case "accept":
      return { verdict: { accept: true }, by: "rule", problem: null };
    case "match": {
      const found = await match(deps, type, asking, question, Math.min(deadline.lookUpMs, leftMs(asking)));
      return found === null ? fallback("the database did not answer") : { verdict: found, by: "rule", problem: null };
    }
    case "forward": {
      if (settings.url === undefined) return fallback("there is no url to ask");
      const answer = await deps.ask({
        connectionId: asking.connection.id,
        url: settings.url,
        secret: asking.connection.forwardSecret,
        id: questionId(asking),
        type,
        data: dataOf(asking, question, payload),
        timeoutMs: Math.min(settings.timeout_ms ?? deadline.merchantMs, leftMs(asking)),
        read: readVerdict,
      });
      return answer.ok ? { verdict: answer.value, by: "merchant", problem: null } : fallback(answer.problem);
    }
  }
}

async function match(
  deps: ValidateDeps,
  type: ValidationType,
  asking: DecisionRequest,
  question: Validation,
  ms: number,
): Promise<ValidationVerdict | null> {
  const { connection } = asking;
  if (type === "c2b.validation") {
    const { reference, amount } = question;
    if (reference === null) return rejected("C2B00012");
    const found = await deps.lookUp(ms, () => matchReference(deps.sql, connection, reference, amount));
    if (found.kind !== "done") return null;
    if (found.value === "match") return { accept: true };
    return rejected(found.value === "amount" ? "C2B00013" : "C2B00012");
  }
  const { id, amount, phone } = question;
  if (phone === null) return rejected("C2B00011");
  const giveBack = (claimed: boolean) => {
    // By now the fallback was answered: airtime that is not sent leaves its registration to the next try.
    if (!claimed || fallbackOf(type, asking).accept) return;
    releaseAirtime(deps.sql, connection, id).catch(error => {
      deps.log.warn(
        { err: error, connection_id: connection.id },
        "a registration stays taken by a validation that was refused",
      );
    });
  };
  const claim = () => claimAirtime(deps.sql, connection, { id, amount, phone }, deps.phoneHash);
  const claimed = await deps.lookUp(ms, claim, giveBack);
  if (claimed.kind !== "done") return null;
  return claimed.value ? { accept: true } : rejected("C2B00016");
}

function rejected(code: RejectionCode): ValidationVerdict {
  return { accept: false, code };
}

/** The same for every copy, so that a merchant can tell a copy from a question. */
function questionId({ connection, callback }: DecisionRequest): string {
  const name = `${connection.id}|${callback.channel}|${callback.key}|${callback.digest.toString("hex")}`;
  return `msg_${digestUuid(name).replaceAll("-", "")}`;
}

/** Named as in a transaction; `payload` is the body as the provider sent it, where it can be passed on. */
function dataOf(
  asking: DecisionRequest,
  question: Validation,
  payload: Record<string, unknown>,
): Record<string, unknown> {
  return {
    connection_id: publicId("connection", asking.connection.id),
    provider: asking.connection.provider,
    provider_refs: question.refs,
    reference: question.reference,
    amount: formatMoney(question.amount),
    currency: question.amount.currency,
    phone: question.phone,
    party_name: question.partyName,
    occurred_at: question.occurredAt?.toISOString() ?? null,
    details: question.details,
    payload: payloadProblem(payload) === null ? payload : null,
  };
}
