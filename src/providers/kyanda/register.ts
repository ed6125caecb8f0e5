import type { ProviderResponse } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { isOk, jsonObjectOf } from "../kit/response.ts";
import { safeCode, safeText } from "../kit/safe-text.ts";
import { isZeroCode } from "../kit/success-code.ts";
import type { RegisterAnswer, RegisterCall } from "../register.ts";
import { callFailureIn } from "./call-failure.ts";
import { verdictOf } from "./payment.ts";
import { signatureOf } from "./signature.ts";

/** The IPN's URL. It works once; later changes go through Kyanda's support [doc]. */
export const registerIpn: RegisterCall = {
  what: "IPN URL",
  credentials: [["merchant_id", "api_key"]],
  async run({ credentials, callbackUrls, now }, send) {
    const url = callbackUrls.ipn;
    if (url === undefined) return { kind: "refused", code: null, reason: "There is no callback URL for ipn." };
    const merchantId = (credentials.merchant_id ?? "").trim();
    // The URL is not signed [doc].
    const body = { MerchantID: merchantId, callbackURL: url, signature: signatureOf(credentials, merchantId) };
    const headers = { apiKey: (credentials.api_key ?? "").trim() };
    const answer = await send(postJson("/billing/v1/callback-url/create", body, { headers }));
    return answer.kind === "answer" ? readRegistered(answer, now) : answer;
  },
};

/** Exported for tests. 6001 and 6002 are the codes about callback URLs. */
export function readRegistered(answer: ProviderResponse, now: Date): RegisterAnswer {
  const field = fieldsOf(jsonObjectOf(answer));
  const { code, word } = verdictOf(field);
  if (code === "6001" || code === "6002") return refusedUrl(code, field("transactiontxt", "message"));
  const failure = callFailureIn(answer, code, now);
  if (failure) return failure;
  const isTaken = code === null ? word?.toLowerCase() === "success" : code === "200" || isZeroCode(code);
  if (isOk(answer) && isTaken) return { kind: "registered", channels: ["ipn"] };
  const words = safeText(field("transactiontxt", "message"));
  return {
    kind: "refused",
    code: code === null ? null : safeCode(code),
    reason: `Kyanda refused (code ${safeCode(code ?? "")})${words === null ? "." : `: ${words}`}`,
  };
}

/**
 * Which of the two codes is which is not documented, so its own text says whether a URL is there already. Nothing hangs
 * on it.
 */
function refusedUrl(code: string, text: unknown): RegisterAnswer {
  const words = safeText(text);
  const isTaken = words !== null && /already/i.test(words);
  const said = words === null ? "" : `: ${words}`;
  const reason =
    `Kyanda did not accept the callback URL (code ${code})${said}. It accepts one URL by API, once; ` +
    "write to its support for changes.";
  return isTaken ? { kind: "already-registered", reason } : { kind: "refused", code, reason };
}
