import type { Finding, Says } from "../../domain/evidence.ts";
import type { ProviderResponse, Send } from "../call.ts";
import { collectProblems } from "../kit/problems.ts";
import { safeCode } from "../kit/safe-text.ts";
import { evidenceAnswer, lookedUp, notYet, unreadableAnswer } from "../kit/status-answers.ts";
import type { StatusTable } from "../kit/status-table.ts";
import { textOf } from "../kit/text.ts";
import type { PollNeeds, PollRequest, StatusAnswer, StatusCall } from "../status.ts";
import { identityOfKodipay } from "./callbacks.ts";
import { type Layers, layersOf } from "./layers.ts";
import { paymentOf, statusNames } from "./payment.ts";
import { saysByStatus } from "./statuses.ts";

const orderStatus: PollNeeds = { credentials: [["client_id", "client_secret"]], refs: ["order_number"] };

/** A bearer's look-up of one order. */
export const status: StatusCall = {
  kinds: { checkout: orderStatus, payment: orderStatus },
  ratePerMinute: { sandbox: 60, production: 60 },
  poll: pollKodipay,
  readDeferredAnswer: null,
};

/** The words of a status answer: the six documented, and those aliases that can only be about a payment. */
export const saysByAnswer = {
  ...saysByStatus,
  paid: "completed",
  cancelled: "failed",
  canceled: "failed",
} as const satisfies StatusTable;

/** Words that may be about the call. They count inside an envelope, where the call's own status is outside. */
const saysInside = { success: "completed", successful: "completed" } as const satisfies StatusTable;

async function pollKodipay(request: PollRequest, send: Send): Promise<StatusAnswer> {
  const orderNumber = (request.refs.order_number ?? "").trim();
  const path = `/api/v1/payments/${encodeURIComponent(orderNumber)}/status`;
  const answer = await send({ method: "GET", path, headers: { accept: "application/json" }, auth: "bearer" });
  return answer.kind === "answer" ? readStatus(answer, request) : answer;
}

/** Exported for tests. Never throws. */
export function readStatus(answer: ProviderResponse, request: PollRequest): StatusAnswer {
  const found = lookedUp(answer, request.now);
  if (found.kind !== "body") return found;

  const layers = layersOf(found.body);
  const polled = request.refs.order_number?.trim();
  if (layers.orderNumber !== null && layers.orderNumber !== polled) return notYet("the answer is about another order");
  const word = wordOf(layers);
  const says = word === null ? null : saysOfWord(word, layers.isBare);
  if (word === null || says === null || says === "pending") return notYet(`status ${safeCode(word ?? "")}`);
  const problems = collectProblems();
  const payment = paymentOf(layers, word, says, problems, request);
  const unreadable = problems.found();
  if (unreadable) return unreadableAnswer(unreadable.problems);
  const refs = polled === undefined ? {} : { order_number: polled };
  const finding: Finding = { kind: request.kind, says, refs, identity: identityOfKodipay(refs), ...payment };
  return evidenceAnswer(finding);
}

/** A status of the payment's own before a plain one, the nearest to the ids first. */
function wordOf({ home, any }: Layers): string | null {
  const [plain, ...own] = statusNames;
  return textOf(home(...own)) ?? textOf(home(plain)) ?? textOf(any(...own)) ?? textOf(any(plain));
}

function saysOfWord(word: string, isBare: boolean): Says | null {
  const known = word.toLowerCase();
  if (Object.hasOwn(saysByAnswer, known)) return saysByAnswer[known as keyof typeof saysByAnswer];
  if (isBare || !Object.hasOwn(saysInside, known)) return null;
  return saysInside[known as keyof typeof saysInside];
}
