import { z } from "zod";
import { version } from "../../version.ts";
import type { HealthDeps } from "./deps.ts";
import { readiness, readinessSchema } from "./readiness.ts";

/** A call about the process itself: open to whoever reaches the port. */
export type ProcessRoute = {
  path: string;
  name: string;
  summary: string;
  description: string;
  answers: Record<number, { means: string; schema: z.ZodType | "text" }>;
  answer(deps: HealthDeps): Promise<Response>;
};

export const processRoutes: ProcessRoute[] = [
  {
    path: "/healthz",
    name: "live",
    summary: "Whether the process lives",
    description: "Asks nobody: it lives although its database is away.",
    answers: {
      200: {
        means: "It lives",
        schema: z.object({ status: z.literal("ok"), version: z.string() }).meta({ id: "Liveness" }),
      },
    },
    answer: async () => Response.json({ status: "ok", version }),
  },
  {
    path: "/readyz",
    name: "ready",
    summary: "Whether the process can work",
    description:
      "Asks the database for migrations and for the hearts of workers. A receiver can work without a worker.",
    answers: {
      200: { means: "It can", schema: readinessSchema },
      503: { means: "It cannot; `checks` says why", schema: readinessSchema },
    },
    async answer(deps) {
      const state = await readiness(deps);
      return Response.json(state, { status: state.status === "ready" ? 200 : 503 });
    },
  },
  {
    path: "/metrics",
    name: "metrics",
    summary: "Metrics for Prometheus",
    description: "Of this process; those that count the whole installation say so.",
    answers: { 200: { means: "Text format", schema: "text" } },
    async answer({ registry }) {
      return new Response(await registry.metrics(), { headers: { "content-type": registry.contentType } });
    },
  },
];
