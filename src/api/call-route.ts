import type { Context } from "hono";
import { parseId } from "../domain/ids.ts";
import type { Caller } from "./caller.ts";
import { check } from "./check.ts";
import type { ApiDeps } from "./deps.ts";
import { runOnce } from "./idempotency/run-once.ts";
import { invalid, notFound, type ProblemDetails } from "./problem.ts";
import { readBody } from "./read-body.ts";
import type { ApiResponse } from "./response.ts";
import type { Route } from "./route.ts";
import { emptyBody, emptyQuery } from "./schemas/empty.ts";
import { findUnstorable } from "./unstorable.ts";

/** One call, from its input to its answer: ids, query, body, then the handler, once per `Idempotency-Key`. */
export async function callRoute(route: Route, c: Context, caller: Caller, deps: ApiDeps): Promise<ApiResponse> {
  // For a merchant's key what only the admin may do is not there.
  if (route.access === "admin" && caller.kind !== "admin") return noSuchPath();
  const ids = readIds(route, c);
  if (ids === null) return noSuchThing(route);
  const query = readQuery(route, new URL(c.req.url).searchParams);
  if (query.kind === "problem") return query;
  if (route.method === "GET" || route.method === "DELETE") {
    return route.handle({ caller, ids, query: query.value, body: undefined }, deps);
  }
  const read = await readBody(c.req.raw, route.body === undefined || route.bodyOptional === true);
  if (read.kind === "problem") return read;
  const sent = route.method === "POST" ? withoutNulls(read.value) : read.value;
  const body = check(route.body ?? emptyBody, sent);
  if (body.kind === "problem") return body;
  const handle = () => route.handle({ caller, ids, query: query.value, body: body.value }, deps);
  const key = c.req.header("idempotency-key");
  if (route.method !== "POST" || key === undefined) return handle();
  return runOnce({ key, caller, method: "POST", path: c.req.path, body: sent }, deps, handle);
}

/** Many programs send null for what they do not have. In a patch it means something. */
function withoutNulls(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

export function noSuchPath(): ProblemDetails {
  return notFound("There is nothing at this path. /docs lists what there is.");
}

/** The path's ids as UUIDs; null where one is not even shaped like an id of its kind. */
function readIds(route: Route, c: Context): Record<string, string> | null {
  const ids: Record<string, string> = {};
  for (const [name, kind] of Object.entries(route.ids ?? {})) {
    const uuid = parseId(kind, c.req.param(name) ?? "");
    if (uuid === null) return null;
    ids[name] = uuid;
  }
  return ids;
}

function noSuchThing(route: Route): ProblemDetails {
  return notFound(
    `There is no such ${Object.values(route.ids ?? {})
      .map(words)
      .join(" or ")}.`,
  );
}

/** `apiKey` as people write it. */
function words(kind: string): string {
  return kind.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
}

function readQuery(route: Route, params: URLSearchParams) {
  const names = [...params.keys()];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return invalid([{ path: twice, message: "is given twice: give it once" }]);
  const query = Object.fromEntries(params);
  const unstorable = findUnstorable(query);
  return unstorable === null ? check(route.query ?? emptyQuery, query) : invalid([unstorable]);
}
