import type { Env, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Logger } from "pino";
import { noSuchPath } from "./call-route.ts";
import { failureProblem, rootCause } from "./failure.ts";
import { problemResponse } from "./problem.ts";
import { requestIdOf } from "./request-id.ts";

/** What no room of the program serves, and what a room let fall, is answered as the API answers. */
export function mountFallbacks<E extends Env>(app: Hono<E>, log: Pick<Logger, "error">): void {
  app.notFound(c => problemResponse(noSuchPath(), requestIdOf(c)));
  app.onError((error, c) => {
    // A refusal of Hono's own guards, not a fault.
    if (error instanceof HTTPException) return error.getResponse();
    const requestId = requestIdOf(c);
    log.error({ err: rootCause(error), request_id: requestId, method: c.req.method }, "a request failed");
    return problemResponse(failureProblem(error), requestId);
  });
}
