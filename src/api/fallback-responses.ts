import type { Env, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Logger } from "pino";
import { noSuchPath } from "./call-route.ts";
import { failureProblem, rootCause } from "./failure.ts";
import { problemResponse } from "./problem.ts";
import { requestIdOf } from "./request-id.ts";

/** Responds to paths that no route serves, and to exceptions that no route caught, in the API's own format. */
export function mountFallbacks<E extends Env>(app: Hono<E>, log: Pick<Logger, "error">): void {
  app.notFound(c => problemResponse(noSuchPath(), requestIdOf(c)));
  app.onError((error, c) => {
    // Hono's own guards refuse requests by this exception; it is no fault of the program.
    if (error instanceof HTTPException) return error.getResponse();
    const requestId = requestIdOf(c);
    log.error({ err: rootCause(error), request_id: requestId, method: c.req.method }, "request failed");
    return problemResponse(failureProblem(error), requestId);
  });
}
