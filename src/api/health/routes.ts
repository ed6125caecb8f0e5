import { z } from "zod";
import { version } from "../../version.ts";
import type { HealthDeps } from "./deps.ts";
import { readiness, readinessSchema } from "./readiness.ts";

/** A route about the process itself. It needs no key. */
export type ProcessRoute = {
  path: string;
  name: string;
  summary: string;
  description: string;
  responses: Record<number, { description: string; schema: z.ZodType | "text" }>;
  respond(deps: HealthDeps): Promise<Response>;
};

export const processRoutes: ProcessRoute[] = [
  {
    path: "/healthz",
    name: "live",
    summary: "Whether the process is alive",
    description: "Does not ask the database: a process is alive while its database is unavailable.",
    responses: {
      200: {
        description: "The process is alive",
        schema: z.object({ status: z.literal("ok"), version: z.string() }).meta({ id: "Liveness" }),
      },
    },
    respond: async () => Response.json({ status: "ok", version }),
  },
  {
    path: "/readyz",
    name: "ready",
    summary: "Whether the process is ready",
    description:
      "Asks the database for migrations and for the heartbeats of workers. A receiver is ready without a worker.",
    responses: {
      200: { description: "Ready", schema: readinessSchema },
      503: { description: "Not ready: `checks` says why", schema: readinessSchema },
    },
    async respond(deps) {
      const state = await readiness(deps);
      return Response.json(state, { status: state.status === "ready" ? 200 : 503 });
    },
  },
  {
    path: "/metrics",
    name: "metrics",
    summary: "Metrics for Prometheus",
    description:
      "The metrics of this process. A metric of the whole installation says so in its help. Where the installation " +
      "has an address for its admin, they are served there alone.",
    responses: { 200: { description: "Prometheus text format", schema: "text" } },
    async respond({ registry }) {
      return new Response(await registry.metrics(), { headers: { "content-type": registry.contentType } });
    },
  },
];
