import type { Finding } from "../../domain/evidence.ts";
import type { ProviderCall, ProviderResponse, Send } from "../call.ts";
import { eastAfricaDigits } from "../kit/east-africa-time.ts";
import { fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { isProvisional } from "../kit/provisional-failure.ts";
import { jsonObjectOf } from "../kit/response.ts";
import { safeCode } from "../kit/safe-text.ts";
import { evidenceAnswer, notYet } from "../kit/status-answers.ts";
import type { StatusTable } from "../kit/status-table.ts";
import { pushIdentity } from "../kit/stk-envelope.ts";
import { idOf, textOf } from "../kit/text.ts";
import type { PollRequest, StatusAnswer } from "../status.ts";
import { ambiguousCode, callFailureIn, type ErrorCode, errorCodeIn } from "./call-failure.ts";
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
  if (refusal) return readRefusal(refusal);
  if (answer.status >= 400) return notYet(`HTTP ${answer.status} without a code`);
  return readResult(body, request);
}

function readRefusal({ code, message }: ErrorCode): StatusAnswer {
  if (
    code === ambiguousCode &&
    /merchant does not exist|wrong credentials|invalid (password|credential)/i.test(message)
  ) {
    return { kind: "credentials-refused", token: false, reason: "Daraja knows no such shortcode and passkey" };
  }
  // Within moments of the push, Daraja does not know it yet.
  if (code === "400.002.02" && /checkoutrequestid|does not exist/i.test(message)) return { kind: "not-found" };
  return notYet(`code ${safeCode(code)}`);
}

function readResult(body: Record<string, unknown>, request: PollRequest): StatusAnswer {
  const field = fieldsOf(body);
  const accepted = textOf(field("ResponseCode")) ?? "0";
  const code = textOf(field("ResultCode"));
  if (accepted !== "0") return notYet(`the query was not accepted, code ${safeCode(accepted)}`);
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
