import { STATUS_CODES } from "node:http";

/** What is wrong with one field. `path` is dotted from the body's root, or names a query parameter or a header. */
export type FieldError = { path: string; message: string };

/** A refusal (RFC 9457). `detail` says what is wrong and what to do about it, and never contains a secret. */
export type ProblemDetails = {
  kind: "problem";
  status: number;
  detail: string;
  /** A short name of the reason, which programs may compare; `about:blank` where the status says enough. */
  type?: string;
  errors?: FieldError[];
  /** Further members, for programs (RFC 9457, section 3.2). */
  more?: Record<string, unknown>;
  headers?: Record<string, string>;
};

function problem(status: number, detail: string, headers?: Record<string, string>): ProblemDetails {
  return { kind: "problem", status, detail, ...(headers && { headers }) };
}

export const malformed = (detail: string) => problem(400, detail);

export const unauthenticated = (detail: string) =>
  problem(401, detail, { "www-authenticate": 'Bearer realm="hakika"' });

export const forbidden = (type: string, detail: string): ProblemDetails => ({ ...problem(403, detail), type });

export const notFound = (detail: string) => problem(404, detail);

/** 404 for an id of the path. The response is the same whether the thing is another merchant's or does not exist. */
export const noSuch = (noun: string) => notFound(`There is no such ${noun}.`);

export const wrongMethod = (allow: string[]) =>
  problem(405, `This path accepts ${allow.join(", ")} only.`, { allow: allow.join(", ") });

export const conflict = (detail: string) => problem(409, detail);

export const typedConflict = (type: string, detail: string, more: Record<string, unknown>): ProblemDetails => ({
  ...problem(409, detail),
  type,
  more,
});

export const gone = (detail: string) => problem(410, detail);

export const tooLarge = (bytesMax: number) =>
  problem(413, `The body is larger than ${bytesMax} bytes: send a smaller one.`);

export const wrongType = () => problem(415, "The body is not declared as JSON: send Content-Type: application/json.");

export const wrongFileType = (types: readonly string[]) =>
  problem(415, `The body is not declared as a file of this call: send Content-Type: ${types.join(" or ")}.`);

export const invalid = (errors: [FieldError, ...FieldError[]]): ProblemDetails => ({
  ...problem(422, errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ")),
  errors,
});

/** 422 where the merchant has as many things of a kind as it may have. */
export const limitReached = (detail: string): ProblemDetails => ({
  ...invalid([{ path: "", message: detail }]),
  type: "limit-reached",
});

export const throttled = (detail: string, retryAfterS: number) =>
  problem(429, detail, { "retry-after": String(Math.max(1, Math.ceil(retryAfterS))) });

export const internalError = () =>
  problem(500, "The server failed. Its log has the reason under this request_id. Trying again may help.");

export const unavailable = (detail: string, retryAfterS = 2) =>
  problem(503, detail, { "retry-after": String(Math.max(1, Math.ceil(retryAfterS))) });

/** A problem as an HTTP response. */
export function problemResponse(p: ProblemDetails, requestId: string): Response {
  const body = {
    type: p.type ?? "about:blank",
    title: STATUS_CODES[p.status] ?? "Error",
    status: p.status,
    detail: p.detail,
    request_id: requestId,
    ...(p.errors && { errors: p.errors }),
    ...p.more,
  };
  return new Response(JSON.stringify(body), {
    status: p.status,
    headers: { "content-type": "application/problem+json", "x-request-id": requestId, ...p.headers },
  });
}
