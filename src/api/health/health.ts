import { Hono } from "hono";
import type { Registry } from "prom-client";
import type { Queryable } from "../deps.ts";
import { problemResponse, wrongMethod } from "../problem.ts";
import { requestIdOf } from "../request-id.ts";
import { processRoutes } from "./routes.ts";

export type HealthDeps = {
  db: Queryable;
  /** Whether the database lacks a migration of this program. Throws where it cannot be asked. */
  pendingMigrations(): Promise<boolean>;
  /** The id this process's worker beats under; null where it has no worker. */
  workerId: string | null;
  registry: Pick<Registry, "metrics" | "contentType">;
};

/** `/healthz`, `/readyz` and `/metrics`, which every process serves, without a key. */
export function createHealth(deps: HealthDeps): Hono {
  const app = new Hono();
  for (const route of processRoutes) {
    app.get(route.path, async () => {
      const response = await route.answer(deps);
      response.headers.set("cache-control", "no-store");
      return response;
    });
    app.all(route.path, c => problemResponse(wrongMethod(["GET"]), requestIdOf(c)));
  }
  return app;
}
