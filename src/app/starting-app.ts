import { Hono } from "hono";
import type { z } from "zod";
import type { readinessSchema } from "../api/health/readiness.ts";
import { problemResponse, unavailable } from "../api/problem.ts";
import { requestIdOf } from "../api/request-id.ts";
import { version } from "../version.ts";
import type { App } from "./http-server.ts";
import type { MetricsText } from "./processes/child.ts";

const readiness = {
  status: "not ready",
  checks: { database: "unreachable", migrations: "unknown", worker: "unknown" },
} as const satisfies z.output<typeof readinessSchema>;

const retryAfterS = 5;

/**
 * Answers while the program waits for its database: alive, not ready, and 503 with `Retry-After` for all the rest.
 * Without `metrics` it serves none.
 */
export function startingApp(metrics: MetricsText | null): App {
  const app: App = new Hono();
  app.get("/healthz", c => c.json({ status: "ok", version }));
  app.get("/readyz", c => c.json(readiness, 503, { "retry-after": String(retryAfterS) }));
  if (metrics !== null) {
    app.get("/metrics", async c => c.body(await metrics.metrics(), 200, { "content-type": metrics.contentType }));
  }
  const starting = unavailable("Hakika is starting: it waits for its database.", retryAfterS);
  app.all("*", c => problemResponse(starting, requestIdOf(c)));
  return app;
}
