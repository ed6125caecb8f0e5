import { type Context, Hono } from "hono";
import type { ApiAnswer } from "./answer.ts";
import { answerCall, noSuchPath } from "./answer-call.ts";
import { authenticate } from "./auth/authenticate.ts";
import { actorOf, type Caller } from "./caller.ts";
import type { ApiDeps } from "./deps.ts";
import { failureProblem, rootOf } from "./failure.ts";
import { mountDocuments } from "./openapi/mount.ts";
import { problemResponse, wrongMethod } from "./problem.ts";
import { requestIdOf } from "./request-id.ts";
import type { Route } from "./route.ts";
import { routes } from "./routes.ts";

/**
 * The management API: everything under /v1, and the documents. Mounting it in another app leaves that app's
 * other paths alone.
 */
export function createApi(deps: ApiDeps): Hono {
  const app = new Hono();
  mountDocuments(app, routes, () => deps.publicUrl);
  const byPath = new Map<string, Route[]>();
  for (const each of routes) byPath.set(each.path, [...(byPath.get(each.path) ?? []), each]);
  for (const [path, each] of byPath) app.all(honoPath(path), c => answer(each, path, c, deps));
  app.all("/v1", c => answer([], "unknown", c, deps));
  app.all("/v1/*", c => answer([], "unknown", c, deps));
  return app;
}

/** `/v1/merchants/{id}` as Hono writes it. */
function honoPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}

/** Answers one request and logs it in one line. The path logged is the pattern; ids are in the answer's log of its room. */
async function answer(candidates: Route[], pattern: string, c: Context, deps: ApiDeps): Promise<Response> {
  const startedAt = performance.now();
  const requestId = requestIdOf(c);
  let caller: Caller | null = null;
  let answeredId: string | null = null;
  let response: Response;
  try {
    const found = await authenticate(c.req.header("authorization"), deps);
    if (found.kind !== "problem") caller = found;
    const given = found.kind === "problem" ? found : await dispatch(candidates, c, found, deps);
    answeredId = given.kind === "json" && typeof given.body.id === "string" ? given.body.id : null;
    response = render(given, requestId);
  } catch (error) {
    const problem = failureProblem(error);
    deps.log.error({ err: rootOf(error), request_id: requestId, method: c.req.method, path: pattern }, "a call failed");
    response = render(problem, requestId);
  }
  const { method } = c.req;
  const { status } = response;
  const ms = performance.now() - startedAt;
  const actor = caller && actorOf(caller);
  deps.log.info({ request_id: requestId, method, path: pattern, status, actor, ms: Math.round(ms) }, "api call");
  const isKnown = caller !== null;
  deps.telemetry.publish("api.answered", () => {
    const traceHeaders = isKnown ? traceHeadersOf(c) : {};
    return { method, pattern, status, requestId, answeredId, traceHeaders, ms };
  });
  return response;
}

async function dispatch(candidates: Route[], c: Context, caller: Caller, deps: ApiDeps): Promise<ApiAnswer> {
  const method = c.req.method === "HEAD" ? "GET" : c.req.method;
  const route = candidates.find(each => each.method === method);
  if (route) return answerCall(route, c, caller, deps);
  const visible = candidates.filter(each => each.access === "any" || caller.kind === "admin");
  return visible.length === 0 ? noSuchPath() : wrongMethod(visible.map(each => each.method));
}

/** The headers of the W3C Trace Context. */
function traceHeadersOf(c: Context): Record<string, string> {
  const names = ["traceparent", "tracestate"];
  return Object.fromEntries(names.map(name => [name, c.req.header(name) ?? ""]).filter(([, value]) => value !== ""));
}

function render(answer: ApiAnswer, requestId: string): Response {
  const response = answer.kind === "problem" ? problemResponse(answer, requestId) : plainResponse(answer);
  response.headers.set("x-request-id", requestId);
  // Answers carry keys and secrets that are shown once.
  response.headers.set("cache-control", "no-store");
  response.headers.set("x-content-type-options", "nosniff");
  return response;
}

function plainResponse(answer: Exclude<ApiAnswer, { kind: "problem" }>): Response {
  if (answer.kind === "empty") return new Response(null, { status: answer.status });
  if (answer.kind === "bytes") return new Response(new Uint8Array(answer.body), { headers: answer.headers });
  return new Response(JSON.stringify(answer.body), {
    status: answer.status,
    headers: { "content-type": "application/json", ...answer.headers },
  });
}
