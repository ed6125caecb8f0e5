import type { FieldProblem } from "../provider.ts";
import { isObject } from "./fields.ts";

/** No provider nests deeper than 5; recursion over a body stops here, long before the stack would. */
const depthMax = 64;

/** JSON text that is the same for any order of keys, or null where the value is nested deeper than 64. */
export function canonicalJson(value: unknown, depth = 0): string | null {
  if (depth > depthMax) return null;
  if (Array.isArray(value))
    return joined(
      "[",
      "]",
      value.map(item => canonicalJson(item, depth + 1)),
    );
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const entries = Object.keys(value).sort();
  return joined(
    "{",
    "}",
    entries.map(key => {
      const text = canonicalJson(value[key], depth + 1);
      return text === null ? null : `${JSON.stringify(key)}:${text}`;
    }),
  );
}

/**
 * Why a value cannot be passed on as it was sent, or null. PostgreSQL's JSON has no NUL and no lone surrogate, and whoever
 * serializes a value nested by the thousand runs out of stack.
 */
export function payloadProblem(value: unknown): FieldProblem | null {
  const text = canonicalJson(value);
  if (text === null) return { path: "", message: `nested deeper than ${depthMax} levels` };
  // JSON.stringify escapes NUL as \u0000 and only lone surrogates as \udxxx; an even run of backslashes before it is text.
  if (/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(text))
    return { path: "", message: "contains characters that are none" };
  return null;
}

function joined(open: string, close: string, parts: (string | null)[]): string | null {
  return parts.includes(null) ? null : open + parts.join(",") + close;
}
