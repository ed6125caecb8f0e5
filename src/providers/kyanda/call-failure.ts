import type { CallFailure, ProviderResponse } from "../call.ts";
import { failureByStatus, isOk, jsonObjectOf, unavailable } from "../kit/response.ts";

/** Codes about the merchant or the service, whatever the call was [doc]. */
const refusals = {
  "1101": "invalid merchant id (1101)",
  "1102": "authentication failed (1102)",
  "1103": "forbidden (1103)",
} as const satisfies Record<string, string>;

/**
 * What stands in the way of an answer; null where the body has the word. A 400's body is read first: HTTP says less
 * than its `status_code`.
 */
export function callFailureIn(answer: ProviderResponse, code: string | null, now: Date): CallFailure | null {
  if (code !== null && Object.hasOwn(refusals, code)) {
    return { kind: "credentials-refused", token: false, reason: refusals[code as keyof typeof refusals] };
  }
  if (code === "1106") return unavailable("service unavailable (1106)");
  const failure = failureByStatus(answer, now, false);
  if (failure) return failure;
  if (jsonObjectOf(answer) === null) return unavailable(`HTTP ${answer.status} without a JSON object`);
  return code === null && !isOk(answer) ? unavailable(`HTTP ${answer.status} without a code`) : null;
}
