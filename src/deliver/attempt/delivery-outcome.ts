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
  const { endpointId, orderKey, sequence, deliveryId, attempts, isFirst } = delivery;
  const { latencyMs, status, error, answer } = httpOutcome.kind === "unsent" ? noAnswer : httpOutcome;
  const { kind, delayMs } = nextOf(httpOutcome, attempts + 1, scheduleS, random);
  return {
    endpointId,
    orderKey,
    sequence,
    deliveryId,
    leaseId,
    isFirst,
    startedAt,
    kind,
    delayMs,
    latencyMs,
    status,
    error,
    answer,
  };
}

const noAnswer = { latencyMs: 0, status: null, error: null, answer: null } as const;

function nextOf(
  httpOutcome: HttpOutcome,
  attempts: number,
  scheduleS: readonly number[] | null,
  random: () => number,
): Pick<DeliveryOutcome, "kind" | "delayMs"> {
  switch (httpOutcome.kind) {
    case "delivered":
      return { kind: "delivered", delayMs: 0 };
    case "unsent":
      return { kind: "unsent", delayMs: unsentDelayMs };
    case "gone":
      return { kind: "failed", delayMs: 0 };
    case "failed": {
      const delayMs = retryDelayMs({ attempts, scheduleS, retryAfterS: httpOutcome.retryAfterS, random });
      return delayMs === null ? { kind: "failed", delayMs: 0 } : { kind: "retry", delayMs };
    }
  }
}
