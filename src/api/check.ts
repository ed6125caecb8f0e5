import type { z } from "zod";
import { type FieldError, invalid, type ProblemDetails } from "./problem.ts";

const errorsMax = 50;

/** Parses a value by a schema; a problem names each wrong field. */
export function check<T extends z.ZodType>(
  schema: T,
  value: unknown,
): { kind: "checked"; value: z.output<T> } | ProblemDetails {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: "checked", value: parsed.data };
  const [first, ...rest] = parsed.error.issues.flatMap(issue => explain(issue, value)).slice(0, errorsMax);
  return invalid([first!, ...rest]);
}

/**
 * An issue of zod as errors of fields, one for each unknown field. `above` is the path that the issue's own path
 * continues.
 */
function explain(issue: z.core.$ZodIssue, root: unknown, above: PropertyKey[] = []): FieldError[] {
  const whole = [...above, ...issue.path];
  const path = whole.map(String).join(".");
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map(key => ({
        path: path === "" ? key : `${path}.${key}`,
        message: "is not a field here: remove it or check its spelling",
      }));
    case "invalid_type": {
      const missing = valueAt(root, whole) === undefined;
      return [{ path, message: missing ? "is required" : `must be ${article(issue.expected)}` }];
    }
    case "invalid_value": {
      const missing = valueAt(root, whole) === undefined;
      const oneOf = issue.values.map(String).join(", ");
      return [{ path, message: missing ? `is required: one of ${oneOf}` : `must be one of ${oneOf}` }];
    }
    case "invalid_key":
      return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    case "invalid_union": {
      // The caller most likely meant the alternative with the fewest errors. A union of plain types has a message of
      // its own.
      const nearest = [...issue.errors].sort((a, b) => a.length - b.length)[0];
      const deeper = nearest?.some(each => each.path.length > 0 || each.code === "unrecognized_keys");
      return deeper ? nearest!.flatMap(each => explain(each, root, whole)) : [{ path, message: issue.message }];
    }
    case "too_big":
    case "too_small":
      return [{ path, message: bound(issue) }];
    default:
      return [{ path, message: issue.message }];
  }
}

function bound(issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall): string {
  if (issue.code === "too_small" && issue.minimum === 1 && issue.origin !== "number" && issue.origin !== "int") {
    return "must not be empty";
  }
  const unit = issue.origin === "string" ? " characters" : issue.origin === "array" ? " items" : "";
  return issue.code === "too_big"
    ? `must be at most ${issue.maximum}${unit}`
    : `must be at least ${issue.minimum}${unit}`;
}

const articles: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
  null: "null",
};

function article(expected: string): string {
  return articles[expected] ?? expected;
}

function valueAt(root: unknown, path: PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
