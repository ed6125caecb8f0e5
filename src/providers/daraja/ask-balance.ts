import type { BalanceAnswer, BalanceCall } from "../balance.ts";
import type { CallContext } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { jsonObjectOf, unavailable } from "../kit/response.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { textOf } from "../kit/text.ts";
import { callFailureIn, errorCodeIn, refusedBy } from "./call-failure.ts";
import { urlProblem } from "./callback-url-rules.ts";
import { initiator } from "./credentials.ts";
import { securityCredential } from "./security-credential.ts";

/** `POST /mpesa/accountbalance/v1/query`: the balances come to the channel `result`. */
export const balance: BalanceCall = {
  credentials: initiator,
  async run(context, send) {
    const { credentials, callbackUrls, environment } = context;
    const problem = urlProblem("result", callbackUrls.result, environment);
    if (problem !== null) return { kind: "refused", code: null, reason: problem };
    const credential = securityCredential(credentials);
    if (credential === null) {
      const reason = "the credential certificate cannot encrypt the password";
      return { kind: "credentials-refused", token: false, reason };
    }
    const body = {
      Initiator: credentials.initiator_name,
      SecurityCredential: credential,
      CommandID: "AccountBalance",
      PartyA: credentials.shortcode,
      // 4 is an organisation's shortcode.
      IdentifierType: "4",
      Remarks: "balance",
      QueueTimeOutURL: callbackUrls.timeout,
      ResultURL: callbackUrls.result,
    };
    const answer = await send(postJson("/mpesa/accountbalance/v1/query", body, { auth: "bearer" }));
    return answer.kind === "answer" ? readAsked(answer, context) : answer;
  },
};

function readAsked(answer: Parameters<typeof callFailureIn>[0], { now }: CallContext): BalanceAnswer {
  const failure = callFailureIn(answer, now);
  if (failure) return failure;
  const body = jsonObjectOf(answer)!;
  const refusal = errorCodeIn(body);
  if (answer.status >= 500) return unavailable(`HTTP ${answer.status}`);
  if (refusal || answer.status >= 400) return refusedBy(answer, refusal);
  const field = fieldsOf(body);
  const code = textOf(field("ResponseCode")) ?? "";
  if (isZeroCode(code)) return { kind: "asked" };
  return refusedBy(answer, { code, message: textOf(field("ResponseDescription")) ?? "" });
}
