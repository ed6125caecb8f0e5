import { STATUS_CODES } from "node:http";
import type { JsonObject } from "../../domain/json.ts";
import type { Route } from "../route.ts";

/** Refusals that follow from a route's shape. A route's own `problems` replace the one with the same status. */
const usual = {
  400: { name: "Malformed", description: "The body is not a JSON object." },
  401: { name: "Unauthenticated", description: "The key is missing or wrong." },
  403: {
    name: "Forbidden",
    description: "The key lacks the scope (`missing-scope`), the role, or is not the admin's.",
  },
  404: {
    name: "NotFound",
    description: "It does not exist, belongs to another merchant, or this address does not serve the call.",
  },
  409: { name: "StillRunning", description: "The first request with this Idempotency-Key is still running." },
  413: { name: "TooLarge", description: "The body is larger than 1 MiB." },
  415: { name: "NotJson", description: "The body is not declared as JSON." },
  422: { name: "Invalid", description: "A field is wrong; `errors` names it." },
  429: { name: "TooMany", description: "The key makes too many calls." },
  500: { name: "Fault", description: "A fault of the program: its log has the reason under `request_id`." },
  503: { name: "Unavailable", description: "The database cannot be reached." },
} as const satisfies Record<number, { name: string; description: string }>;

type Usual = keyof typeof usual;

const retryAfter = { description: "Seconds to wait", schema: { type: "integer", minimum: 1 } };
const headers: Readonly<Record<number, JsonObject>> = {
  401: { "www-authenticate": { schema: { type: "string", examples: ['Bearer realm="hakika"'] } } },
  429: { "retry-after": retryAfter },
  503: { "retry-after": retryAfter },
};

/** The usual problem responses, for the document's components. */
export function usualResponses(): JsonObject {
  return Object.fromEntries(
    Object.entries(usual).map(([status, { name, description }]) => [name, problemObject(Number(status), description)]),
  );
}

/** The problem responses of a route, by status. */
export function problemResponses(route: Route): JsonObject {
  const statuses: Usual[] = [
    401,
    403,
    404,
    429,
    500,
    503,
    ...(route.body ? ([400, 413, 415, 422] as const) : []),
    ...(route.query || route.method === "POST" ? ([422] as const) : []),
    ...(route.method === "POST" && !route.file ? ([409] as const) : []),
  ];
  const shared = statuses.map(status => [status, { $ref: `#/components/responses/${usual[status].name}` }]);
  const own = Object.entries(route.problems ?? {}).map(([status, description]) => {
    const isBoth = Object.hasOwn(usual, status) && status !== "503";
    const also =
      isBoth && (status !== "409" || route.method === "POST")
        ? ` Or: ${usual[Number(status) as Usual].description}`
        : "";
    return [status, problemObject(Number(status), description + also)];
  });
  return Object.fromEntries([...shared, ...own, ...(route.file ? fileProblems(route.file) : [])]);
}

function fileProblems(types: readonly string[]): [number, JsonObject][] {
  return [
    [413, problemObject(413, "The file is larger than 50 MiB.")],
    [415, problemObject(415, `The body is not declared as ${types.join(" or ")}.`)],
  ];
}

/** A problem as an OpenAPI response. */
function problemObject(status: number, description: string): JsonObject {
  const example = {
    type: status === 403 ? "missing-scope" : "about:blank",
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

/** The header of every response. */
export const requestId = { description: "As in the log, and in a problem's `request_id`", schema: { type: "string" } };
