import type { ParsedBody, StoredCallback } from "../provider.ts";
import { parseBody } from "./parse-body.ts";

/**
 * The names of a URL's query and their values, decoded; a repeated name keeps its last value. `text` has no question
 * mark.
 */
export function parseQuery(text: string): Readonly<Record<string, string>> {
  const query = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(text)) query[name] = value;
  return query;
}

/** The fields of a callback: those of its body, and of a GET, which has no body, those of its query. */
export function parseCallback(
  { method, query, headers, body }: Pick<StoredCallback, "method" | "query" | "headers" | "body">,
  formsAllowed: boolean,
): ParsedBody {
  if (method !== "GET" || body.length > 0) return parseBody(body, headers["content-type"] ?? "", formsAllowed);
  if (Object.keys(query).length > 0) return { kind: "object", value: { ...query } };
  return { kind: "unparsable", problem: { path: "", message: "The query is empty." } };
}
