import type { CallFailure, ProviderResponse } from "../call.ts";
import { failureByStatus, isOk, jsonObjectOf, unavailable, withoutBody } from "../kit/response.ts";
import { refusedCall, saidIn } from "../kit/said.ts";

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
    const known = refusals[code as keyof typeof refusals];
    const { words } = saidIn(answer);
    return { kind: "credentials-refused", token: false, reason: words === null ? known : `${known}: ${words}` };
  }
  if (code === "1106") return unavailable(`service unavailable (1106): ${saidIn(answer).words ?? "no more is said"}`);
  const failure = failureByStatus(answer, now, false);
  if (failure) return failure;
  if (jsonObjectOf(answer) === null) return withoutBody(answer);
  return code === null && !isOk(answer) ? refusedCall(answer) : null;
}
