import { kinds } from "../../domain/kinds.ts";
import type { ProviderCall, ProviderResponse, Send } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { collectProblems } from "../kit/problems.ts";
import { failureByStatus, isOk, jsonObjectOf, withoutBody } from "../kit/response.ts";
import { safeCode } from "../kit/safe-text.ts";
import { refusedCall } from "../kit/said.ts";
import { evidenceAnswer, notYet, unreadableAnswer } from "../kit/status-answers.ts";
import { idOf } from "../kit/text.ts";
import type { PollNeeds, PollRequest, StatusAnswer, StatusCall } from "../status.ts";
import { identityOfFlutterwave } from "./identity.ts";
import { findingOf } from "./payment.ts";

const app = [["secret_key"], ["client_id", "client_secret"]] as [string[], string[]];
const charge: PollNeeds = { credentials: app, refs: ["tx_ref", "flw_id"] };
const transfer: PollNeeds = { credentials: app, refs: ["flw_id"] };

/** Version 3 where there is a secret key, else version 4. */
export const status: StatusCall = {
  kinds: { checkout: charge, payment: charge, mobile_payout: transfer, bank_payout: transfer },
  ratePerMinute: { sandbox: 60, production: 60 },
  poll: pollFlutterwave,
  readDeferredAnswer: null,
};

async function pollFlutterwave(request: PollRequest, send: Send): Promise<StatusAnswer> {
  const answer = await send(request.credentials.secret_key?.trim() ? callOfV3(request) : callOfV4(request));
  return answer.kind === "answer" ? readStatus(answer, request) : answer;
}

/** By the merchant's reference where there is one: a payer may have tried several times under it. */
function callOfV3(request: PollRequest): ProviderCall {
  const { tx_ref, flw_id } = trimmed(request);
  const byId = encodeURIComponent(flw_id);
  const path = isOut(request)
    ? `/v3/transfers/${byId}`
    : tx_ref === ""
      ? `/v3/transactions/${byId}/verify`
      : `/v3/transactions/verify_by_reference?tx_ref=${encodeURIComponent(tx_ref)}`;
  const authorization = `Bearer ${(request.credentials.secret_key ?? "").trim()}`;
  return { method: "GET", host: "v3", path, headers: { accept: "application/json", authorization } };
}

/** By Flutterwave's id where it is known, else the list of the charges with the merchant's reference: it is unique. */
function callOfV4(request: PollRequest): ProviderCall {
  const { tx_ref, flw_id } = trimmed(request);
  const byId = `/${isOut(request) ? "transfers" : "charges"}/${encodeURIComponent(flw_id)}`;
  const path = flw_id === "" ? `/charges?reference=${encodeURIComponent(tx_ref)}` : byId;
  return { method: "GET", host: "v4", path, headers: { accept: "application/json" }, auth: "bearer" };
}

/** Exported for tests. Never throws. The status at the root says only that the call worked. */
export function readStatus(answer: ProviderResponse, request: PollRequest): StatusAnswer {
  const failure = failureByStatus(answer, request.now, !request.credentials.secret_key?.trim());
  if (failure) return failure;
  const body = jsonObjectOf(answer);
  if (body === null) return withoutBody(answer);
  // Version 3 answers 400 or 404 about what it does not know [mem].
  if (answer.status === 404 || answer.status === 400) return { kind: "not-found" };
  if (!isOk(answer)) return refusedCall(answer);
  const { tx_ref, flw_id } = trimmed(request);
  const data = fieldsOf(body)("data");
  // The charges with a reference: none, or the one.
  const charge = Array.isArray(data) ? data.find(each => idOf(fieldsOf(each)("reference")) === tx_ref) : data;
  if (Array.isArray(data) && charge === undefined) return { kind: "not-found" };
  const problems = collectProblems();
  const finding = findingOf(request.kind, charge, problems, request);
  const found = problems.found();
  if (found) return unreadableAnswer(found.problems);
  const isAsked = tx_ref === "" || isOut(request) ? finding.refs.flw_id === flw_id : finding.refs.tx_ref === tx_ref;
  if (!isAsked) return notYet("the answer is about another payment");
  if (finding.says === "pending") return notYet(`status ${safeCode(finding.result!.code)}`);
  // A transfer has one key, by its reference where that is known: an answer without it is about the same transfer.
  const identity = isOut(request) ? identityOfFlutterwave(request.kind, request.refs) : finding.identity;
  return evidenceAnswer({ ...finding, identity });
}

function isOut({ kind }: Pick<PollRequest, "kind">): boolean {
  return kinds[kind].direction === "out";
}

function trimmed({ refs }: Pick<PollRequest, "refs">): { tx_ref: string; flw_id: string } {
  return { tx_ref: (refs.tx_ref ?? "").trim(), flw_id: (refs.flw_id ?? "").trim() };
}
