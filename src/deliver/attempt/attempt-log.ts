import type { Logger } from "pino";
import type { ClaimedDelivery } from "../delivery.ts";
import type { Endpoint } from "../endpoint-store.ts";
import type { HttpOutcome } from "./http-outcome.ts";

/** Logs one attempt: a failure at `info`, other outcomes at `debug`. The merchant's answer is never logged. */
export function logAttempt(log: Logger, endpoint: Endpoint, delivery: ClaimedDelivery, outcome: HttpOutcome): void {
  const isFailure = outcome.kind === "failed" || outcome.kind === "gone";
  if (!log.isLevelEnabled(isFailure ? "info" : "debug")) return;
  const line = {
    delivery_id: delivery.deliveryId,
    event_id: delivery.eventId,
    endpoint_id: endpoint.id,
    attempt: delivery.attempts + 1,
    outcome: outcome.kind,
    ...(outcome.kind === "unsent"
      ? { reason: outcome.reason }
      : { status: outcome.status, problem: outcome.error, ms: Math.round(outcome.latencyMs) }),
  };
  if (isFailure) log.info(line, "delivery attempt failed");
  else log.debug(line, "delivery attempt");
}
