import type { ApiDeps, ApiLimits } from "./deps.ts";
import { type ProblemDetails, limitReached as problemOf } from "./problem.ts";

/** 422 where a merchant has as many things of a kind as it may have, counted in the metrics. */
export function limitReached({ limits, telemetry }: ApiDeps, limit: keyof ApiLimits): ProblemDetails {
  telemetry.publish("limit.reached", () => ({ limit }));
  return problemOf(`The merchant has ${limits[limit]} ${limit}, and may have no more: delete one first.`);
}
