import type { Finding } from "../../domain/evidence.ts";
import type { CallContext, ProviderResponse } from "../call.ts";
import { fieldsOf, isObject, listOf } from "../kit/fields.ts";
import { collectProblems } from "../kit/problems.ts";
import { failureByStatus, isOk, jsonObjectOf, withoutBody } from "../kit/response.ts";
import { refusedCall } from "../kit/said.ts";
import { saysOf } from "../kit/status-table.ts";
import { textOf } from "../kit/text.ts";
import type { FieldProblem } from "../provider.ts";
import type { PullCall, PullPage } from "../pull.ts";
import { identityOfPaystack } from "./identity.ts";
import { authorized } from "./status.ts";
import { saysByStatus } from "./statuses.ts";
import { chargeFacts } from "./transaction.ts";

const rowsPerPage = 100;
/** A row has some 3,000 bytes, most of them the log of the payer's page. */
const answerBytesMax = 2 * 1024 * 1024;
const problemsMax = 20;

/** The account's charges. `offset` counts pages. */
export const pull: PullCall = {
  credentials: [["secret_key"]],
  hoursMax: 168,
  async page(context, { from, to }, offset, send) {
    const query = new URLSearchParams({
      from: from.toISOString(),
      to: to.toISOString(),
      perPage: String(rowsPerPage),
      page: String(offset + 1),
    });
    const path = `/transaction?${query}`;
    const answer = await send({ method: "GET", path, headers: authorized(context.credentials), answerBytesMax });
    return answer.kind === "answer" ? readPage(answer, offset, context) : answer;
  },
};

/** Exported for tests. Rows that cannot be read are named, and stop no other row; what has not ended is no evidence. */
export function readPage(answer: ProviderResponse, offset: number, context: CallContext): PullPage {
  const failure = failureByStatus(answer, context.now, false);
  if (failure) return failure;
  const body = jsonObjectOf(answer);
  if (body === null) return withoutBody(answer);
  if (!isOk(answer)) return refusedCall(answer);
  const rows = listOf(fieldsOf(body)("data")).filter(isObject).slice(0, rowsPerPage);
  const findings: Finding[] = [];
  const problems: FieldProblem[] = [];
  for (const [at, row] of rows.entries()) {
    const read = readRow(row, `data.${at}.`, context);
    if (read === null) continue;
    if ("kind" in read) findings.push(read);
    else if (problems.length < problemsMax) problems.push(...read);
  }
  return { kind: "page", findings, problems, rows: rows.length, nextOffset: rows.length === 0 ? null : offset + 1 };
}

/** A failed charge may be tried again under its reference, so a statement proves only what was paid or given back. */
function readRow(row: Record<string, unknown>, at: string, context: CallContext): Finding | FieldProblem[] | null {
  const field = fieldsOf(row);
  const word = textOf(field("status")) ?? "";
  const says = saysOf(saysByStatus, word, "pending");
  if (says !== "completed" && says !== "refunded") return null;
  const problems = collectProblems();
  const reference = problems.id(`${at}reference`, field("reference"));
  const facts = chargeFacts(row, at, problems, context);
  const found = problems.found();
  if (found) return found.problems;
  const refs = { transaction_reference: reference };
  const description = textOf(field("gateway_response")) ?? word;
  return {
    kind: "checkout",
    says,
    refs,
    identity: identityOfPaystack("checkout", refs),
    result: { code: word, description },
    reference,
    ...facts,
  };
}
