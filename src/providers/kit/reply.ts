import { STATUS_CODES } from "node:http";
import type { FieldProblem, NonEmpty, Reply } from "../provider.ts";

/** A JSON answer. */
export function jsonReply(body: Record<string, unknown>, status = 200): Reply {
  return { status, contentType: "application/json", body: JSON.stringify(body) };
}

/** A plain text answer. */
export function textReply(body: string, status = 200): Reply {
  return { status, contentType: "text/plain", body };
}

/** A refusal that names the fields (RFC 9457), with what the provider wants to see `beside`. */
export function problemReply(
  problems: NonEmpty<FieldProblem>,
  beside: Record<string, unknown> = {},
  status = 400,
): Reply {
  const detail = problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
  const body = {
    type: "about:blank",
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail,
    errors: problems,
    ...beside,
  };
  return { status, contentType: "application/problem+json", body: JSON.stringify(body) };
}
