import type { CallContext, ProviderResponse } from "../call.ts";
import { fieldsAt, fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { isOk, jsonObjectOf } from "../kit/response.ts";
import { safeCode, safeText } from "../kit/safe-text.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { textOf } from "../kit/text.ts";
import type { RegisterAnswer, RegisterCall } from "../register.ts";
import { callFailureIn, type ErrorCode, errorCodeIn } from "./call-failure.ts";
import { urlProblem } from "./callback-url-rules.ts";

const app = ["consumer_key", "consumer_secret", "shortcode"];
const [confirmation, validation] = ["c2b/confirmation", "c2b/validation"] as const;

/** An app without the product of the version answers this, as it does for a token that it does not know. */
const otherVersion = "401.003.01";

/**
 * Confirmation and validation URLs of C2B: version 2 (masked phones), and version 1 (hashed phones) for an app that has
 * no other. In production this works once.
 */
export const registerC2b: RegisterCall = {
  what: "C2B URLs",
  credentials: [app],
  async run(account, send) {
    const { credentials, callbackUrls, environment, now } = account;
    const problem =
      urlProblem(confirmation, callbackUrls[confirmation], environment) ??
      urlProblem(validation, callbackUrls[validation], environment);
    if (problem !== null) return { kind: "refused", code: null, reason: problem };
    const body = {
      ShortCode: shortCodeOf(credentials.shortcode ?? ""),
      ResponseType: withoutValidation(account),
      ConfirmationURL: callbackUrls[confirmation],
      ValidationURL: callbackUrls[validation],
    };
    const register = (version: "v1" | "v2") =>
      send(postJson(`/mpesa/c2b/${version}/registerurl`, body, { auth: "bearer" }));
    const answer = await register("v2");
    if (answer.kind !== "answer") return answer;
    if (codeIn(answer) !== otherVersion) return readC2b(answer, now);
    const other = await register("v1");
    // Refused in both versions it is the token: a new one may help.
    return other.kind === "answer" ? readC2b(other, now) : other;
  },
};

function codeIn(answer: ProviderResponse): string | null {
  const body = jsonObjectOf(answer);
  return body && (errorCodeIn(body)?.code ?? null);
}

/** The shortcode for pull transactions. Once, too. */
export const registerPull: RegisterCall = {
  what: "Pull transactions",
  credentials: [[...app, "nominated_number"]],
  async run({ credentials, callbackUrls, environment, now }, send) {
    const problem = urlProblem("result", callbackUrls.result, environment);
    if (problem !== null) return { kind: "refused", code: null, reason: problem };
    const body = {
      ShortCode: credentials.shortcode,
      RequestType: "Pull",
      NominatedNumber: credentials.nominated_number,
      CallBackURL: callbackUrls.result,
    };
    const answer = await send(postJson("/pulltransactions/v1/register", body, { auth: "bearer" }));
    return answer.kind === "answer" ? readPull(answer, now) : answer;
  },
};

/** A number, which every implementation of the call takes; some refuse a text [seen]. */
function shortCodeOf(shortcode: string): string | number {
  return /^[1-9]\d{0,14}$/.test(shortcode.trim()) ? Number(shortcode) : shortcode;
}

/** What M-Pesa does with a payment when the validation URL does not answer: the connection's own fallback. */
function withoutValidation({ settings }: CallContext): "Completed" | "Cancelled" {
  return fieldsAt(settings, "c2b_validation")("fallback") === "reject" ? "Cancelled" : "Completed";
}

/** Exported for tests. */
export function readC2b(answer: ProviderResponse, now: Date): RegisterAnswer {
  const body = jsonObjectOf(answer);
  const refusal = body && errorCodeIn(body);
  if (refusal && /already registered|duplicate notification info/i.test(refusal.message)) return alreadyRegistered;
  const failure = callFailureIn(answer, now);
  if (failure) return failure;
  if (refusal) return refused(refusal);
  const field = fieldsOf(body);
  // Seen: "Success" without a code.
  const code = textOf(field("ResponseCode")) ?? (isOk(answer) ? "0" : "");
  if (isZeroCode(code)) return { kind: "registered", channels: [confirmation, validation] };
  return refused({ code, message: textOf(field("ResponseDescription")) ?? "" });
}

/** Exported for tests. Its answer has spaces in its keys. */
export function readPull(answer: ProviderResponse, now: Date): RegisterAnswer {
  const failure = callFailureIn(answer, now);
  if (failure) return failure;
  const body = jsonObjectOf(answer)!;
  const field = fieldsOf(body);
  const code = textOf(field("Response Status", "ResponseStatus", "ResponseCode")) ?? errorCodeIn(body)?.code ?? "";
  if (code === "1000" || isZeroCode(code)) return { kind: "registered", channels: ["result"] };
  if (code === "1001")
    return { kind: "already-registered", reason: "The shortcode is registered for pull transactions." };
  const message = textOf(field("Response Description", "ResponseDescription")) ?? errorCodeIn(body)?.message ?? "";
  return refused({ code, message });
}

const alreadyRegistered = {
  kind: "already-registered",
  reason:
    "Daraja has C2B URLs for this shortcode already, these or others. To change them, delete them in the Daraja " +
    "portal (Self Services, URL Management), then register again.",
} as const satisfies RegisterAnswer;

function refused({ code, message }: ErrorCode): RegisterAnswer {
  const words = safeText(message);
  const known = safeCode(code);
  return {
    kind: "refused",
    code: known,
    reason: `Daraja refused (code ${known})${words === null ? "." : `: ${words}`}`,
  };
}
