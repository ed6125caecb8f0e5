import { canonicalJson, jsonDepthMax } from "../../domain/json.ts";
import type { FieldProblem } from "../provider.ts";

/**
 * Why a value cannot be passed on as the provider sent it; null where it can. PostgreSQL's JSON takes no NUL and no
 * lone surrogate, and serializing a value that nests by the thousand overflows the stack.
 */
export function payloadProblem(value: unknown): FieldProblem | null {
  const text = canonicalJson(value);
  if (text === null) return { path: "", message: `nested deeper than ${jsonDepthMax} levels` };
  // JSON.stringify escapes NUL as \u0000 and only lone surrogates as \udxxx; an even run of backslashes before it is
  // text.
  if (/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(text)) {
    return { path: "", message: "contains characters that are none" };
  }
  return null;
}
