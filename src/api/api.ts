import { type Context, Hono } from "hono";
import { authenticate } from "./auth/authenticate.ts";
import { callRoute, noSuchPath } from "./call-route.ts";
import { actorOf, type Caller, type KeyOwner } from "./caller.ts";
import type { ApiDeps } from "./deps.ts";
import { failureProblem, rootCause } from "./failure.ts";
import { seesMaskedPhones, withMaskedPhones } from "./mask-phones.ts";
import { mountDocuments } from "./openapi/mount.ts";
import { type ProblemDetails, problemResponse, throttled, wrongMethod } from "./problem.ts";
import { requestIdOf } from "./request-id.ts";
import type { ApiResponse } from "./response.ts";
import type { Route } from "./route.ts";
import { routes } from "./routes.ts";

/** Whose keys are served. For `merchants` the calls of the admin and of operators do not exist. */
export type ServedKeys = "everyone" | "merchants";

/**
 * The management API: every path under /v1, `/openapi.json` and, for everyone, `/docs`. Other paths of the app it is
 * mounted in stay free.
 */
export function createApi(deps: ApiDeps, served: ServedKeys = "everyone"): Hono {
  const app = new Hono();
  mountDocuments(app, routes, () => deps.publicUrl, { hasPage: served === "everyone" });
  const byPath = new Map<string, Route[]>();
  for (const each of routes) byPath.set(each.path, [...(byPath.get(each.path) ?? []), each]);
  for (const [path, each] of byPath) app.all(honoPath(path), c => respond(each, path, c, deps, served));
  app.all("/v1", c => respond([], "unknown", c, deps, served));
  app.all("/v1/*", c => respond([], "unknown", c, deps, served));
  return app;
}

/** `/v1/merchants/{id}` as Hono writes it. */
function honoPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}

/** Responds to one request and logs it in one line, with the route's pattern in place of the path. */
async function respond(
  candidates: Route[],
  pattern: string,
  c: Context,
  deps: ApiDeps,
  served: ServedKeys,
): Promise<Response> {
  const startedAt = performance.now();
  const requestId = requestIdOf(c);
  let caller: Caller | null = null;
  let answeredId: string | null = null;
  let response: Response;
  try {
    const found = await callerOf(c, deps, served);
    if (found.kind !== "problem") caller = found;
    const answer = found.kind === "problem" ? found : await dispatch(candidates, c, found, deps);
    const result = caller && seesMaskedPhones(caller) ? withMaskedPhones(answer) : answer;
    answeredId = result.kind === "json" && typeof result.body.id === "string" ? result.body.id : null;
    response = httpResponse(result, requestId);
  } catch (error) {
    const problem = failureProblem(error);
    deps.log.error(
      { err: rootCause(error), request_id: requestId, method: c.req.method, path: pattern },
      "api call failed",
    );
    response = httpResponse(problem, requestId);
  }
  const { method } = c.req;
  // Its stream would wait for a reader who never comes.
  if (method === "HEAD") await response.body?.cancel();
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

/** Within the program the console calls the API for a person whose session it has checked. */
export type InProcessCall = { owner: KeyOwner; address: string };

/** Who sent the request; a problem where that is unknown, or where the key has made too many calls. */
async function callerOf(c: Context, deps: ApiDeps, served: ServedKeys): Promise<Caller | ProblemDetails> {
  // A server's bindings have no such member: no request over HTTP can set it.
  const inProcess = (c.env as { inProcess?: InProcessCall } | undefined)?.inProcess;
  const owner = inProcess?.owner ?? (await authenticate(c.req.header("authorization"), deps));
  if (owner.kind === "problem") return owner;
  if (served === "merchants" && owner.kind !== "merchant") return noSuchPath();
  const waitMs = owner.kind === "admin" ? 0 : deps.rate.take(actorOf(owner));
  if (waitMs > 0) {
    deps.telemetry.publish("limit.reached", () => ({ limit: "calls" }));
    return throttled("This key makes too many calls. Wait before the next one.", waitMs / 1000);
  }
  return { ...owner, origin: { address: inProcess?.address ?? deps.addressOf(c), auditKey: deps.auditKey } };
}

/** Whether the key of a call that lasts still lives. Calls within the program are held by a session. */
async function stillLives(c: Context, deps: ApiDeps): Promise<boolean> {
  if ((c.env as { inProcess?: InProcessCall } | undefined)?.inProcess) return true;
  return (await authenticate(c.req.header("authorization"), deps)).kind !== "problem";
}

async function dispatch(candidates: Route[], c: Context, caller: Caller, deps: ApiDeps): Promise<ApiResponse> {
  const method = c.req.method === "HEAD" ? "GET" : c.req.method;
  const route = candidates.find(each => each.method === method);
  if (route) return callRoute(route, c, caller, deps, () => stillLives(c, deps));
  return candidates.length === 0 ? noSuchPath() : wrongMethod(candidates.map(each => each.method));
}

/** The headers of the W3C Trace Context. */
function traceHeadersOf(c: Context): Record<string, string> {
  const names = ["traceparent", "tracestate"];
  return Object.fromEntries(names.map(name => [name, c.req.header(name) ?? ""]).filter(([, value]) => value !== ""));
}

function httpResponse(result: ApiResponse, requestId: string): Response {
  const response = result.kind === "problem" ? problemResponse(result, requestId) : successResponse(result);
  response.headers.set("x-request-id", requestId);
  // Some responses carry keys and secrets that are shown once.
  response.headers.set("cache-control", "no-store");
  response.headers.set("x-content-type-options", "nosniff");
  return response;
}

function successResponse(result: Exclude<ApiResponse, { kind: "problem" }>): Response {
  if (result.kind === "empty") return new Response(null, { status: result.status });
  if (result.kind === "bytes") return new Response(new Uint8Array(result.body), { headers: result.headers });
  if (result.kind === "stream") return new Response(streamOf(result.body), { headers: result.headers });
  return new Response(JSON.stringify(result.body), {
    status: result.status,
    headers: { "content-type": "application/json", ...result.headers },
  });
}

/** A stream that reads on as the other side takes it, and stops when it goes away. */
function streamOf(texts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const source = texts[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await source.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await source.return?.();
    },
  });
}
