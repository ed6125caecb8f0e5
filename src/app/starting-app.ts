import { Hono } from "hono";
import type { Registry } from "prom-client";
import type { z } from "zod";
import type { readinessSchema } from "../api/health/readiness.ts";
import { problemResponse, unavailable } from "../api/problem.ts";
import { requestIdOf } from "../api/request-id.ts";
import { version } from "../version.ts";
import type { App } from "./http-server.ts";

const readiness = {
  status: "not ready",
  checks: { database: "unreachable", migrations: "unknown", worker: "unknown" },
} as const satisfies z.output<typeof readinessSchema>;

const comeAgainS = 5;

/** What is answered while the database is not there yet: alive, not ready, come again. */
export function startingApp(metrics: Registry): App {
  const app: App = new Hono();
  app.get("/healthz", c => c.json({ status: "ok", version }));
  app.get("/readyz", c => c.json(readiness, 503, { "retry-after": String(comeAgainS) }));
  app.get("/metrics", async c => c.body(await metrics.metrics(), 200, { "content-type": metrics.contentType }));
  const starting = unavailable("Hakika is starting: it waits for its database.", comeAgainS);
  app.all("*", c => problemResponse(starting, requestIdOf(c)));
  return app;
}
