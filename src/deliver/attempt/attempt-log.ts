import type { Logger } from "pino";
import type { Endpoint } from "../endpoint-store.ts";
import type { ClaimedDelivery } from "../queue/claim-store.ts";
import type { HttpOutcome } from "./http-outcome.ts";

/** Logs one try: failures at `info`, for somebody will ask about them; the rest at `debug`. Never what the merchant answered. */
export function logAttempt(log: Logger, endpoint: Endpoint, delivery: ClaimedDelivery, verdict: HttpOutcome): void {
  const isFailure = verdict.kind === "failed" || verdict.kind === "gone";
  if (!log.isLevelEnabled(isFailure ? "info" : "debug")) return;
  const line = {
    delivery_id: delivery.deliveryId,
    event_id: delivery.eventId,
    endpoint_id: endpoint.id,
    attempt: delivery.attempts + 1,
    outcome: verdict.kind,
    ...(verdict.kind === "unsent"
      ? { why: verdict.why }
      : { status: verdict.status, problem: verdict.error, ms: Math.round(verdict.latencyMs) }),
  };
  if (isFailure) log.info(line, "a delivery failed");
  else log.debug(line, "a delivery attempt");
}
