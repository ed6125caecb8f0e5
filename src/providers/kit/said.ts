import type { CallFailure, ProviderResponse } from "../call.ts";
import { fieldsOf, isObject } from "./fields.ts";
import { parseBody } from "./parse-body.ts";
import { safeCode, safeText } from "./safe-text.ts";
import { textOf } from "./text.ts";

/** A provider's own code and words, out of whichever form they came in; null where there are none. */
export type Said = { code: string | null; words: string | null };

const codeNames = ["errorCode", "error_code", "errorcode", "status_code", "statusCode", "code", "faultcode"];
const wordNames = [
  ...["errorMessage", "error_description", "faultstring", "transactiontxt", "message", "ResponseDescription"],
  ...["detail", "description", "reason", "title", "msg", "error"],
];

/**
 * What an answer says: the usual names of a JSON object, one level down too, or a plain text. A page of HTML says
 * nothing.
 */
export function saidIn(answer: ProviderResponse): Said {
  const parsed = parseBody(answer.body, "application/json", false);
  if (parsed.kind === "object") return saidBy(parsed.value);
  const text = new TextDecoder("utf-8").decode(answer.body.subarray(0, 2000)).trim();
  return { code: null, words: /^[<[]/.test(text) ? null : safeText(text) };
}

/** A refusal as people read it: `code 400.002.05: Invalid Request Payload`, `HTTP 422: ShortCode: invalid type`. */
export function reasonOf(status: number, { code, words }: Said): string {
  const what = code === null ? `HTTP ${status}` : `code ${safeCode(code)}`;
  return words === null ? what : `${what}: ${words}`;
}

/** The provider refused the call, in whatever form: it is told with the provider's own code and words. */
export function refusedCall(answer: ProviderResponse, said: Said = saidIn(answer)): CallFailure {
  return {
    kind: "refused",
    code: said.code === null ? null : safeCode(said.code),
    reason: reasonOf(answer.status, said),
  };
}

function saidBy(body: Record<string, unknown>): Said {
  const field = fieldsOf(body);
  const inner = [field("error"), field("fault"), field("data")].filter(isObject).map(fieldsOf);
  const first = (names: readonly string[]) => {
    for (const each of [field, ...inner]) {
      const text = names.map(name => textOf(each(name))).find(found => found !== null);
      if (text !== undefined) return text;
    }
    return null;
  };
  return { code: first(codeNames), words: safeText(first(wordNames)) };
}
