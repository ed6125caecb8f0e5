import type { Logger } from "pino";
import { shardOf } from "../../domain/ids.ts";
import type { ClaimedDelivery } from "../delivery.ts";
import type { Endpoint } from "../endpoint-store.ts";
import type { DeliverMetrics } from "../metrics.ts";
import { type AttemptDeps, attempt } from "./attempt.ts";
import { logAttempt } from "./attempt-log.ts";
import { deliveryOutcomeOf } from "./delivery-outcome.ts";
import type { HttpOutcome } from "./http-outcome.ts";
import type { RecordResult } from "./outcome-queue.ts";
import type { DeliveryOutcome } from "./record-store.ts";
import type { Recorder } from "./recorder.ts";

export type SenderDeps = AttemptDeps & {
  recorder: Recorder;
  log: Logger;
  metrics: DeliverMetrics;
  random: () => number;
  /** Called after every attempt. */
  onAttempt?: ((endpoint: Endpoint, delivery: ClaimedDelivery, outcome: HttpOutcome) => void) | undefined;
};

/** A delivery after its attempt: the endpoint's answer, the outcome to record, and the promise of its record. */
export type SentDelivery = {
  httpOutcome: HttpOutcome;
  outcome: DeliveryOutcome;
  recorded: Promise<RecordResult | null>;
};

export type Sender = {
  /** Makes one attempt and hands its outcome to the recorder. Resolves with the end of the attempt. Never rejects. */
  send(endpoint: Endpoint, delivery: ClaimedDelivery, leaseId: string): Promise<SentDelivery>;
};

export function createSender(deps: SenderDeps): Sender {
  const { recorder, log, metrics, random, now } = deps;
  return {
    async send(endpoint, delivery, leaseId) {
      const startedAt = now();
      const httpOutcome = await attempt(deps, endpoint, delivery);
      metrics.attempted(httpOutcome.kind, httpOutcome.kind === "unsent" ? 0 : httpOutcome.latencyMs);
      logAttempt(log, endpoint, delivery, httpOutcome);
      deps.onAttempt?.(endpoint, delivery, httpOutcome);
      const scheduleS = endpoint.retryScheduleS;
      const outcome = deliveryOutcomeOf({ delivery, leaseId, startedAt, httpOutcome, scheduleS, random });
      return { httpOutcome, outcome, recorded: recorder.record(shardOf(endpoint.id), outcome) };
    },
  };
}
