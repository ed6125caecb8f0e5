import type { Context } from "hono";
import { z } from "zod";
import { parseId } from "../domain/ids.ts";
import type { Caller } from "./caller.ts";
import { check } from "./check.ts";
import type { ApiDeps } from "./deps.ts";
import { keyProblem, runOnce } from "./idempotency/run-once.ts";
import { permissionProblem } from "./permission.ts";
import { invalid, malformed, noSuch, notFound, type ProblemDetails } from "./problem.ts";
import { readBody } from "./read-body.ts";
import { noFile, openFile } from "./read-file.ts";
import type { ApiResponse } from "./response.ts";
import type { Route } from "./route.ts";
import { emptyBody, emptyQuery } from "./schemas/empty.ts";
import { findUnstorable } from "./unstorable.ts";

/**
 * Checks what the caller may do, before anything that the request names, then the ids, query and body, and runs the
 * route's handler, once per `Idempotency-Key`.
 */
export async function callRoute(
  route: Route,
  c: Context,
  caller: Caller,
  deps: ApiDeps,
  isAllowed: () => Promise<boolean>,
): Promise<ApiResponse> {
  const notAllowed = permissionProblem(route, caller);
  if (notAllowed) return notAllowed;
  const ids = readIds(route, c);
  if (ids === null)
    return noSuch(
      Object.values(route.ids ?? {})
        .map(spelledOut)
        .join(" or "),
    );
  const query = readQuery(route, new URL(c.req.url).searchParams);
  if (query.kind === "problem") return query;
  const common = {
    ...{ caller, idempotencyKey: null, sent: {}, ids, query: query.value, body: undefined, file: noFile },
    header: (name: string) => c.req.header(name) ?? null,
    isAllowed,
  };
  if (route.method === "GET" || route.method === "DELETE") {
    return route.handle(common, deps);
  }
  if (route.file) {
    const file = openFile(c.req.raw, route.file);
    if ("kind" in file) return file;
    return route.handle({ ...common, file }, deps);
  }
  const read = await readBody(c.req.raw, route.body === undefined || route.bodyOptional === true);
  if (read.kind === "problem") return read;
  const sent = route.method === "POST" ? withoutNulls(read.value, route.body ?? emptyBody) : read.value;
  const body = check(route.body ?? emptyBody, sent);
  if (body.kind === "problem") return body;
  const key = c.req.header("idempotency-key");
  const idempotencyKey = key ?? null;
  const handle = () => route.handle({ ...common, idempotencyKey, sent, body: body.value }, deps);
  if (route.idempotency === "for good") return key === undefined ? keyRequired() : (keyProblem(key) ?? handle());
  if (route.method !== "POST" || key === undefined || route.idempotency === "none") return handle();
  return runOnce({ key, caller, method: "POST", path: c.req.path, body: sent }, deps, handle);
}

/**
 * Drops known fields that are null: many clients send null for an absent value. In a patch null means "remove". An
 * unknown name stays, and is refused, null or not.
 */
function withoutNulls(body: Record<string, unknown>, schema: z.ZodType): Record<string, unknown> {
  const shape = shapeOf(schema, body);
  const isKnown = (name: string) => Object.hasOwn(shape, name);
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => value !== null || !isKnown(name)));
}

/** The fields of a body; of several alternatives those of the one that it names. */
function shapeOf(schema: z.ZodType, body: Record<string, unknown>): Record<string, unknown> {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return {};
  const { discriminator } = schema.def;
  const options = schema.options as z.ZodObject[];
  const named = options.find(({ shape }) => (shape[discriminator] as z.ZodLiteral).value === body[discriminator]);
  return named?.shape ?? {};
}

/** 400, before anything is looked at: without a key a repeated call could not be told from a second order. */
function keyRequired(): ProblemDetails {
  const detail = "Send an Idempotency-Key: one of your own for each order, the same for each attempt at it.";
  return { ...malformed(detail), type: "idempotency-key-required" };
}

/** 404 for a path without a route. */
export function noSuchPath(): ProblemDetails {
  return notFound("There is nothing at this path. See /docs for the paths that exist.");
}

/** The path's ids as UUIDs; null where one of them is not an id of its kind. */
function readIds(route: Route, c: Context): Record<string, string> | null {
  const ids: Record<string, string> = {};
  for (const [name, kind] of Object.entries(route.ids ?? {})) {
    const uuid = parseId(kind, c.req.param(name) ?? "");
    if (uuid === null) return null;
    ids[name] = uuid;
  }
  return ids;
}

/** `apiKey` becomes `api key`. */
function spelledOut(kind: string): string {
  return kind.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
}

function readQuery(route: Route, params: URLSearchParams) {
  const names = [...params.keys()];
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) return invalid([{ path: repeated, message: "is repeated: send it once" }]);
  const query = Object.fromEntries(params);
  const unstorable = findUnstorable(query);
  return unstorable === null ? check(route.query ?? emptyQuery, query) : invalid([unstorable]);
}
