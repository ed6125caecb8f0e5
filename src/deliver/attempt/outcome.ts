import type { ClaimedDelivery } from "../queue/claim-store.ts";
import type { HttpOutcome } from "./http-outcome.ts";
import type { DeliveryOutcome } from "./record-store.ts";
import { waitAfter } from "./retry-schedule.ts";

/** What was not sent for a reason of ours is tried again after this long, in ms. */
const unsentWaitMs = 1000;

/** What is to be recorded of an attempt: the verdict, and the schedule's word on when the next one is. */
export function outcomeOf(input: {
  delivery: ClaimedDelivery;
  leaseId: string;
  startedAt: Date;
  verdict: HttpOutcome;
  scheduleS: readonly number[] | null;
  random: () => number;
}): DeliveryOutcome {
  const { delivery, leaseId, startedAt, verdict, scheduleS, random } = input;
  const { endpointId, orderKey, sequence, deliveryId } = delivery;
  const place = { endpointId, orderKey, sequence, deliveryId, leaseId, startedAt };
  if (verdict.kind === "unsent") {
    return { ...place, kind: "unsent", waitMs: unsentWaitMs, latencyMs: 0, status: null, error: null, answer: null };
  }
  const { latencyMs, status, error, answer } = verdict;
  const told = { ...place, latencyMs, status, error, answer };
  if (verdict.kind !== "failed") {
    return { ...told, kind: verdict.kind === "delivered" ? "delivered" : "failed", waitMs: 0 };
  }
  const waitMs = waitAfter({ attempts: delivery.attempts + 1, scheduleS, retryAfterS: verdict.retryAfterS, random });
  return waitMs === null ? { ...told, kind: "failed", waitMs: 0 } : { ...told, kind: "retry", waitMs };
}
