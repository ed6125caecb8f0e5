import type { Finding } from "../../domain/evidence.ts";
import type { ProviderCall, ProviderResponse, Send } from "../call.ts";
import { eastAfricaDigits } from "../kit/east-africa-time.ts";
import { fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { isProvisional } from "../kit/provisional-failure.ts";
import { isOk, jsonObjectOf } from "../kit/response.ts";
import { safeCode, safeText } from "../kit/safe-text.ts";
import { evidenceAnswer, notYet } from "../kit/status-answers.ts";
import type { StatusTable } from "../kit/status-table.ts";
import { pushIdentity } from "../kit/stk-envelope.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { idOf, textOf } from "../kit/text.ts";
import type { PollRequest, StatusAnswer } from "../status.ts";
import { ambiguousCode, callFailureIn, type ErrorCode, errorCodeIn, refusedBy } from "./call-failure.ts";
import { stkCodes } from "./stk-codes.ts";

const { SFC_IC0003: _aboutTheQuery, ...ofThePush } = stkCodes;

/**
 * The result codes that end a push in an answer to the STK query; any other says nothing yet, `4999` too. Those of
 * callbacks, but for SFC_IC0003: in a query it is the query's own shortcode that does not exist.
 */
export const finalInQuery = ofThePush satisfies StatusTable;

/** Queries an STK push. */
export async function pollPush(request: PollRequest, send: Send): Promise<StatusAnswer> {
  const answer = await send(pushQuery(request));
  return answer.kind === "answer" ? readPushAnswer(answer, request) : answer;
}

function pushQuery({ credentials, refs, now }: PollRequest): ProviderCall {
  const { shortcode = "", passkey = "" } = credentials;
  const timestamp = eastAfricaDigits(now);
  const body = {
    BusinessShortCode: shortcode,
    Password: Buffer.from(shortcode + passkey + timestamp).toString("base64"),
    Timestamp: timestamp,
    CheckoutRequestID: refs.checkout_request_id ?? "",
  };
  return postJson("/mpesa/stkpushquery/v1/query", body, { auth: "bearer" });
}

/** Exported for tests. Judges HTTP status, code and message together; never throws. */
export function readPushAnswer(answer: ProviderResponse, request: PollRequest): StatusAnswer {
  const failure = callFailureIn(answer, request.now);
  if (failure) return failure;
  const body = jsonObjectOf(answer)!;
  const refusal = errorCodeIn(body);
  if (refusal) return readRefusal(answer, refusal);
  if (answer.status >= 400) return refusedBy(answer, null);
  return readResult(answer, body, request);
}

function readRefusal(answer: ProviderResponse, refusal: ErrorCode): StatusAnswer {
  const { code, message } = refusal;
  if (
    code === ambiguousCode &&
    /merchant does not exist|wrong credentials|invalid (password|credential)/i.test(message)
  ) {
    const said = safeText(message) ?? "";
    const reason = `Daraja knows no such shortcode and passkey (code ${ambiguousCode}: ${said})`;
    return { kind: "credentials-refused", token: false, reason };
  }
  // Within moments of the push, Daraja does not know it yet.
  if (code === "400.002.02" && /checkoutrequestid|does not exist/i.test(message)) return { kind: "not-found" };
  // Still working on it, or not saying what is wrong.
  return code === ambiguousCode || isOk(answer) ? notYet(`code ${safeCode(code)}`) : refusedBy(answer, refusal);
}

function readResult(answer: ProviderResponse, body: Record<string, unknown>, request: PollRequest): StatusAnswer {
  const field = fieldsOf(body);
  const accepted = textOf(field("ResponseCode")) ?? "0";
  const sent = textOf(field("ResultCode"));
  if (!isZeroCode(accepted)) {
    return refusedBy(answer, { code: accepted, message: textOf(field("ResponseDescription")) ?? "" });
  }
  const code = isZeroCode(sent) ? "0" : sent;
  if (code === null) return notYet("no ResultCode");
  const checkoutId = idOf(field("CheckoutRequestID"));
  if (checkoutId !== null && checkoutId !== request.refs.checkout_request_id?.trim()) {
    return notYet("the answer is about another push");
  }
  if (!Object.hasOwn(finalInQuery, code)) return notYet(`code ${safeCode(code)}`);
  const says = finalInQuery[code as keyof typeof finalInQuery];
  const merchantId = idOf(field("MerchantRequestID"));
  const refs = {
    ...(request.refs.checkout_request_id !== undefined && { checkout_request_id: request.refs.checkout_request_id }),
    ...(merchantId !== null && { merchant_request_id: merchantId }),
  };
  const finding: Finding = {
    kind: "stk_push",
    says,
    refs,
    identity: pushIdentity(refs),
    result: { code, description: textOf(field("ResultDesc")) ?? "" },
    ...(isProvisional(says, request) && { provisional: true }),
  };
  return evidenceAnswer(finding);
}
