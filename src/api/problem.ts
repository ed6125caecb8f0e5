import { STATUS_CODES } from "node:http";

/** What is wrong with one field: a dotted path from the body's root, a query parameter or a header, and what to do. */
export type FieldError = { path: string; message: string };

/** A refusal (RFC 9457): `detail` says what is wrong and what to do about it, never with a secret. */
export type ProblemDetails = {
  kind: "problem";
  status: number;
  detail: string;
  errors?: FieldError[];
  headers?: Record<string, string>;
};

function problem(status: number, detail: string, headers?: Record<string, string>): ProblemDetails {
  return { kind: "problem", status, detail, ...(headers && { headers }) };
}

export const malformed = (detail: string) => problem(400, detail);

export const unauthenticated = (detail: string) =>
  problem(401, detail, { "www-authenticate": 'Bearer realm="hakika"' });

/** Says the same whether a thing is another's or nobody's. */
export const notFound = (detail: string) => problem(404, detail);

export const wrongMethod = (allow: string[]) =>
  problem(405, `This path takes ${allow.join(", ")}.`, { allow: allow.join(", ") });

export const conflict = (detail: string) => problem(409, detail);

export const gone = (detail: string) => problem(410, detail);

export const tooLarge = (bytesMax: number) => problem(413, `The body is larger than ${bytesMax} bytes: send less.`);

export const wrongType = () => problem(415, "The body is not declared as JSON: send Content-Type: application/json.");

export const invalid = (errors: [FieldError, ...FieldError[]]): ProblemDetails => ({
  ...problem(422, errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ")),
  errors,
});

export const throttled = (detail: string, retryAfterS: number) =>
  problem(429, detail, { "retry-after": String(Math.max(1, Math.ceil(retryAfterS))) });

export const broken = () =>
  problem(500, "Something went wrong here. The log has the reason under this request_id; trying again may help.");

export const unavailable = (detail: string, retryAfterS = 2) =>
  problem(503, detail, { "retry-after": String(Math.max(1, Math.ceil(retryAfterS))) });

/** The answer a problem becomes. */
export function problemResponse(p: ProblemDetails, requestId: string): Response {
  const body = {
    type: "about:blank",
    title: STATUS_CODES[p.status] ?? "Error",
    status: p.status,
    detail: p.detail,
    request_id: requestId,
    ...(p.errors && { errors: p.errors }),
  };
  return new Response(JSON.stringify(body), {
    status: p.status,
    headers: { "content-type": "application/problem+json", "x-request-id": requestId, ...p.headers },
  });
}
