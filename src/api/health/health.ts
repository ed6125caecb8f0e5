import { Hono } from "hono";
import { problemResponse, wrongMethod } from "../problem.ts";
import { requestIdOf } from "../request-id.ts";
import type { HealthDeps } from "./deps.ts";
import { processRoutes } from "./routes.ts";

/** `/healthz`, `/readyz` and, unless left out, `/metrics`. Every process serves them, and they need no key. */
export function createHealth(deps: HealthDeps, { hasMetrics = true } = {}): Hono {
  const app = new Hono();
  for (const route of processRoutes) {
    if (route.path === "/metrics" && !hasMetrics) continue;
    app.get(route.path, async () => {
      const response = await route.respond(deps);
      response.headers.set("cache-control", "no-store");
      return response;
    });
    app.all(route.path, c => problemResponse(wrongMethod(["GET"]), requestIdOf(c)));
  }
  return app;
}
