import type { Finding } from "../../domain/evidence.ts";
import type { CallContext, ProviderResponse } from "../call.ts";
import { countryOf, currencyIn, type Settings } from "../kit/country.ts";
import { eastAfricaTime, readEastAfricaTime } from "../kit/east-africa-time.ts";
import { fieldsOf, isObject } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { collectProblems } from "../kit/problems.ts";
import { jsonObjectOf, unavailable } from "../kit/response.ts";
import { shownPhone } from "../kit/shown-phone.ts";
import { pushIdentity } from "../kit/stk-envelope.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { present, receiptOf, shortTextOf, textOf } from "../kit/text.ts";
import type { FieldProblem } from "../provider.ts";
import type { PullCall, PullPage } from "../pull.ts";
import { callFailureIn, errorCodeIn, refusedBy } from "./call-failure.ts";
import { homeCountry } from "./home-country.ts";

/** A row has some 300 bytes; pages of a thousand are the largest reported. */
const answerBytesMax = 2 * 1024 * 1024;

/** Rows read of one answer, and problems named; what is beyond is on the next page, or much like the named ones. */
const rowsMax = 10_000;
const problemsMax = 20;

/** `1001` and `500` say that nothing was found, which proves nothing [doc]. */
const codes = { "1000": "rows", "1001": "nothing", "500": "nothing" } as const satisfies Record<string, string>;

/** Statements of C2B payments, callbacks that got lost among them. Works after `/pulltransactions/v1/register`. */
export const pull: PullCall = {
  credentials: [["consumer_key", "consumer_secret", "shortcode"]],
  hoursMax: 48,
  async page(context, { from, to }, offset, send) {
    const { credentials } = context;
    const body = {
      ShortCode: credentials.shortcode,
      StartDate: eastAfricaTime(from),
      EndDate: eastAfricaTime(to),
      OffSetValue: String(offset),
    };
    const call = { ...postJson("/pulltransactions/v1/query", body, { auth: "bearer" }), answerBytesMax };
    const answer = await send(call);
    return answer.kind === "answer" ? readPage(answer, offset, context) : answer;
  },
};

type PageContext = Pick<CallContext, "now" | "settings">;

/** Exported for tests. Rows that cannot be read are named, and stop no other row. */
export function readPage(answer: ProviderResponse, offset: number, context: PageContext): PullPage {
  const failure = callFailureIn(answer, context.now);
  if (failure) return failure;
  const body = jsonObjectOf(answer)!;
  const code = textOf(fieldsOf(body)("ResponseCode")) ?? errorCodeIn(body)?.code ?? "";
  if (code === "") return unavailable("the list has no ResponseCode");
  if (!Object.hasOwn(codes, code) && !isZeroCode(code)) {
    const message =
      textOf(fieldsOf(body)("ResponseMessage", "ResponseDescription")) ?? errorCodeIn(body)?.message ?? "";
    return refusedBy(answer, { code, message });
  }
  const isEmpty = Object.hasOwn(codes, code) && codes[code as keyof typeof codes] === "nothing";
  const rows = isEmpty ? [] : rowsOf(fieldsOf(body)("Response"));
  const findings: Finding[] = [];
  const problems: FieldProblem[] = [];
  for (const [at, row] of rows.entries()) {
    const read = readRow(row, `Response.${offset + at}`, context);
    if ("kind" in read) findings.push(read);
    else if (problems.length < problemsMax) problems.push(...read);
  }
  return {
    kind: "page",
    findings,
    problems,
    rows: rows.length,
    nextOffset: rows.length === 0 ? null : offset + rows.length,
  };
}

/** `[[{…}, {…}]]`, `[{…}]` or one `{…}`. */
function rowsOf(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flat(2).filter(isObject).slice(0, rowsMax);
  return isObject(value) ? [value] : [];
}

function readRow(row: Record<string, unknown>, at: string, connection: Settings): Finding | FieldProblem[] {
  const field = fieldsOf(row);
  const problems = collectProblems();
  const receipt = problems.id(`${at}.transactionId`, receiptOf(field("transactionId")) ?? field("transactionId"));
  const amount = problems.amount(`${at}.amount`, field("amount"), currencyIn(connection, homeCountry));
  if (!amount && field("amount") === undefined) problems.add(`${at}.amount`, "required");
  const type = textOf(field("transactiontype"));
  if (!isPayment(type)) problems.add(`${at}.transactiontype`, "not known as a payment that came in");
  const found = problems.found();
  if (found) return found.problems;
  const refs = { receipt };
  const reference = shortTextOf(field("billreference"));
  const occurredAt = readEastAfricaTime(field("trxDate"));
  const details = present({ transaction_type: type, sender: field("sender") });
  return {
    kind: "c2b",
    says: "completed",
    refs,
    identity: pushIdentity(refs),
    ...(amount && { amount }),
    ...(reference !== null && { reference }),
    ...shownPhone(field("msisdn"), countryOf(connection, homeCountry)),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
  };
}

/**
 * A statement outranks every callback, so only what is known to be money in counts: `c2b-pay-bill-debit` and its like.
 */
function isPayment(type: string | null): boolean {
  return (
    type === null ||
    (/^c2b\b|pay.?bill|buy.?goods|merchant.?payment/i.test(type) && !/revers|refund|charge|fee/i.test(type))
  );
}
