import type { Finding } from "../../domain/evidence.ts";
import type { ProviderResponse, Send } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { failureByStatus, isOk, jsonObjectOf, withoutBody } from "../kit/response.ts";
import { safeCode } from "../kit/safe-text.ts";
import { refusedCall } from "../kit/said.ts";
import { evidenceAnswer, notYet } from "../kit/status-answers.ts";
import type { StatusTable } from "../kit/status-table.ts";
import { textOf } from "../kit/text.ts";
import type { PollRequest, StatusAnswer, StatusCall } from "../status.ts";
import { identityOfAirtime } from "./airtime-status.ts";

/** Finds an airtime send by its request id. There is no such call for SMS. */
export const status: StatusCall = {
  kinds: { airtime: { credentials: [["username", "api_key"]], refs: ["request_id"] } },
  ratePerMinute: { sandbox: 60, production: 60 },
  poll: pollAfricasTalking,
  readDeferredAnswer: null,
};

/** The words that end a send, in lower case. Queued and Sent do not, and no other is documented. */
const finalInFind = { success: "completed", failed: "failed" } as const satisfies StatusTable;

async function pollAfricasTalking({ credentials, refs, ...rest }: PollRequest, send: Send): Promise<StatusAnswer> {
  const { username = "", api_key = "" } = credentials;
  const query = new URLSearchParams({ username: username.trim(), transactionId: (refs.request_id ?? "").trim() });
  const answer = await send({
    method: "GET",
    path: `/query/transaction/find?${query}`,
    headers: { apiKey: api_key.trim(), accept: "application/json" },
  });
  return answer.kind === "answer" ? readFound(answer, { credentials, refs, ...rest }) : answer;
}

/** Exported for tests. With `data`, the status in it is the send's and the outer one the query's. Never throws. */
export function readFound(answer: ProviderResponse, request: PollRequest): StatusAnswer {
  const failure = failureByStatus(answer, request.now, false);
  if (failure) return failure;
  if (answer.status === 404) return { kind: "not-found" };
  const body = jsonObjectOf(answer);
  if (body === null) return withoutBody(answer);
  if (!isOk(answer)) return refusedCall(answer);
  const outer = fieldsOf(body);
  const data = outer("data");
  const word = textOf(data === undefined ? outer("status") : fieldsOf(data)("status"));
  const known = word?.toLowerCase() ?? "";
  if (word === null || !Object.hasOwn(finalInFind, known)) return notYet(`status ${safeCode(word ?? "")}`);
  const says = finalInFind[known as keyof typeof finalInFind];
  // Without data an error message is the query's: it is not the send that failed.
  if (says === "failed" && data === undefined && hasError(textOf(outer("errorMessage")))) {
    return notYet("the query failed");
  }
  const refs = request.refs.request_id === undefined ? {} : { request_id: request.refs.request_id.trim() };
  const finding: Finding = {
    kind: "airtime",
    says,
    refs,
    identity: identityOfAirtime(refs),
    result: { code: word, description: word },
    ...(says === "failed" && { details: { failure_reason: word } }),
  };
  return evidenceAnswer(finding);
}

/** "None" is how Africa's Talking writes that there is none. */
function hasError(message: string | null): boolean {
  return message !== null && message.toLowerCase() !== "none";
}
