import type { ClaimedDelivery } from "../delivery.ts";
import type { HttpOutcome } from "./http-outcome.ts";
import type { DeliveryOutcome } from "./record-store.ts";
import { retryDelayMs } from "./retry-schedule.ts";

/** How long a delivery that was not sent waits for the next try, in ms. */
const unsentDelayMs = 1000;

/** The outcome of a delivery's attempt: the HTTP outcome, and by the retry schedule whether and when to try again. */
export function deliveryOutcomeOf(input: {
  delivery: ClaimedDelivery;
  leaseId: string;
  startedAt: Date;
  httpOutcome: HttpOutcome;
  scheduleS: readonly number[] | null;
  random: () => number;
}): DeliveryOutcome {
  const { delivery, leaseId, startedAt, httpOutcome, scheduleS, random } = input;
  const { endpointId, orderKey, sequence, deliveryId } = delivery;
  const attempt = { endpointId, orderKey, sequence, deliveryId, leaseId, startedAt };
  if (httpOutcome.kind === "unsent") {
    return {
      ...attempt,
      kind: "unsent",
      delayMs: unsentDelayMs,
      latencyMs: 0,
      status: null,
      error: null,
      answer: null,
    };
  }
  const { kind, latencyMs, status, error, answer } = httpOutcome;
  const answered = { ...attempt, latencyMs, status, error, answer };
  if (kind !== "failed") return { ...answered, kind: kind === "delivered" ? "delivered" : "failed", delayMs: 0 };
  const attempts = delivery.attempts + 1;
  const delayMs = retryDelayMs({ attempts, scheduleS, retryAfterS: httpOutcome.retryAfterS, random });
  return delayMs === null ? { ...answered, kind: "failed", delayMs: 0 } : { ...answered, kind: "retry", delayMs };
}
