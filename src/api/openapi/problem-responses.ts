import { STATUS_CODES } from "node:http";
import type { Route } from "../route.ts";

type Json = Record<string, unknown>;

/** What any call of a shape may refuse; a route's own `problems` are said in their place. */
const usual = {
  400: { name: "Malformed", means: "The body is not a JSON object." },
  401: { name: "Unauthenticated", means: "No key, or a wrong one." },
  404: { name: "NotFound", means: "There is no such thing, or it is another merchant's." },
  409: { name: "StillRunning", means: "The first request with this Idempotency-Key is still running." },
  413: { name: "TooLarge", means: "The body is larger than 1 MiB." },
  415: { name: "NotJson", means: "The body is not declared as JSON." },
  422: { name: "Invalid", means: "A field is wrong; `errors` names it." },
  503: { name: "Unavailable", means: "The database cannot be reached." },
} as const satisfies Record<number, { name: string; means: string }>;

type Usual = keyof typeof usual;

const retryAfter = { description: "Seconds to wait", schema: { type: "integer", minimum: 1 } };
const headers: Readonly<Record<number, Json>> = {
  401: { "www-authenticate": { schema: { type: "string", examples: ['Bearer realm="hakika"'] } } },
  429: { "retry-after": retryAfter },
  503: { "retry-after": retryAfter },
};

/** The usual refusals, once for the whole document. */
export function usualResponses(): Json {
  return Object.fromEntries(
    Object.entries(usual).map(([status, { name, means }]) => [name, problemAnswer(Number(status), means)]),
  );
}

/** What a call refuses, by status. */
export function problemResponses(route: Route): Json {
  const statuses: Usual[] = [
    401,
    503,
    ...(route.body ? ([400, 413, 415, 422] as const) : []),
    ...(route.query || route.method === "POST" ? ([422] as const) : []),
    ...(route.ids || route.query ? ([404] as const) : []),
    ...(route.method === "POST" ? ([409] as const) : []),
  ];
  const shared = statuses.map(status => [status, { $ref: `#/components/responses/${usual[status].name}` }]);
  const own = Object.entries(route.problems ?? {}).map(([status, means]) => {
    const also = status === "409" && route.method === "POST" ? ` Or: ${usual[409].means}` : "";
    return [status, problemAnswer(Number(status), means + also)];
  });
  return Object.fromEntries([...shared, ...own]);
}

/** A refusal, as every call gives it. */
function problemAnswer(status: number, description: string): Json {
  const example = {
    type: "about:blank",
    title: STATUS_CODES[status],
    status,
    detail: status === 422 ? "amount: the amount is negative" : description.split(" Or: ")[0],
    request_id: "req_0123456789abcdef01234567",
    ...(status === 422 && { errors: [{ path: "amount", message: "the amount is negative" }] }),
  };
  return {
    description,
    headers: { "x-request-id": requestId, ...headers[status] },
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" }, example } },
  };
}

/** The header of every answer. */
export const requestId = { description: "As in the log, and in a problem's `request_id`", schema: { type: "string" } };
