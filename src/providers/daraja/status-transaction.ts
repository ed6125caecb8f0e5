import type { Finding } from "../../domain/evidence.ts";
import type { ProviderCall, ProviderResponse, Send } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { jsonObjectOf } from "../kit/response.ts";
import { safeCode } from "../kit/safe-text.ts";
import { evidenceAnswer, notYet } from "../kit/status-answers.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { idOf, receiptOf, textOf } from "../kit/text.ts";
import type { PollRequest, StatusAnswer } from "../status.ts";
import { callFailureIn, type ErrorCode, errorCodeIn, refusedBy } from "./call-failure.ts";
import { conversationIdentity } from "./result-envelope.ts";
import { securityCredential } from "./security-credential.ts";

/** The initiator's password is wrong or expired, or its account locked: more queries keep it locked. */
const lockedInitiator = {
  "2001": "the initiator's credential is wrong or expired (2001)",
  "8006": "the initiator's credential is locked (8006)",
} as const satisfies Record<string, string>;

/** Queries a transaction by its receipt or its originator conversation; the answer comes to the channel `result`. */
export async function pollTransactionStatus(request: PollRequest, send: Send): Promise<StatusAnswer> {
  const credential = securityCredential(request.credentials);
  if (credential === null) {
    return {
      kind: "credentials-refused",
      token: false,
      reason: "the credential certificate cannot encrypt the password",
    };
  }
  const answer = await send(transactionQuery(request, credential));
  return answer.kind === "answer" ? readAccepted(answer, request.now) : answer;
}

function transactionQuery(request: PollRequest, credential: string): ProviderCall {
  const { credentials, refs, callbackUrls, receiptInDoubt } = request;
  const receipt = receiptOf(receiptInDoubt) ?? receiptOf(refs.receipt);
  const body = {
    Initiator: credentials.initiator_name,
    SecurityCredential: credential,
    CommandID: "TransactionStatusQuery",
    ...(receipt !== null ? { TransactionID: receipt } : { OriginalConversationID: refs.originator_conversation_id }),
    PartyA: credentials.shortcode,
    // 4 is an organisation's shortcode.
    IdentifierType: "4",
    ResultURL: callbackUrls.result,
    QueueTimeOutURL: callbackUrls.timeout,
    Remarks: "status",
    Occasion: "status",
  };
  return postJson("/mpesa/transactionstatus/v1/query", body, { auth: "bearer" });
}

/** Exported for tests. Whether the query was accepted; its answer comes later. */
export function readAccepted(answer: ProviderResponse, now: Date): StatusAnswer {
  const failure = callFailureIn(answer, now);
  if (failure) return failure;
  const body = jsonObjectOf(answer)!;
  const refusal = errorCodeIn(body);
  if (refusal) return locked(refusal.code) ?? notAccepted(answer, refusal);
  if (answer.status >= 400) return refusedBy(answer, null);
  const field = fieldsOf(body);
  const code = textOf(field("ResponseCode"));
  if (code === null) return notYet("no ResponseCode");
  if (!isZeroCode(code)) {
    return locked(code) ?? refusedBy(answer, { code, message: textOf(field("ResponseDescription")) ?? "" });
  }
  const id = idOf(field("ConversationID"));
  // Safaricom's own samples leave letters out.
  const originator = idOf(field("OriginatorConversationID", "OriginatorCoversationID", "OriginatorConverstionID"));
  const [first, ...rest] = conversationIdentity({
    ...(id !== null && { conversation_id: id }),
    ...(originator !== null && { originator_conversation_id: originator }),
  });
  return first === undefined
    ? notYet("no conversation to wait for")
    : { kind: "deferred", conversation: [first, ...rest] };
}

/**
 * What the channel `result` received under the query's conversation. A query that failed has no parameters and looks
 * like a failed payout.
 */
export function readTransactionResult(received: Finding): StatusAnswer {
  const code = received.result?.code ?? "";
  if (!received.answersQuestion) return locked(code) ?? notYet(`the query failed, code ${safeCode(code)}`);
  return received.says === "nothing" ? notYet("the answer says nothing of the transaction") : evidenceAnswer(received);
}

/** Under a 5xx Daraja is still working on it, or unwell. */
function notAccepted(answer: ProviderResponse, refusal: ErrorCode): StatusAnswer {
  return answer.status >= 500 ? notYet(`code ${safeCode(refusal.code)}`) : refusedBy(answer, refusal);
}

function locked(code: string): StatusAnswer | null {
  if (!Object.hasOwn(lockedInitiator, code)) return null;
  return { kind: "stop", reason: lockedInitiator[code as keyof typeof lockedInitiator] };
}
