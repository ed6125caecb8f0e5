import { shardOf } from "../../domain/ids.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { ClaimedDelivery } from "../delivery.ts";
import type { Endpoint } from "../endpoint-store.ts";
import { type AttemptDeps, attempt } from "./attempt.ts";
import { deliveryOutcomeOf } from "./delivery-outcome.ts";
import type { HttpOutcome } from "./http-outcome.ts";
import type { RecordResult } from "./outcome-queue.ts";
import type { DeliveryOutcome } from "./record-store.ts";
import type { Recorder } from "./recorder.ts";

export type SenderDeps = AttemptDeps & {
  recorder: Recorder;
  telemetry: Telemetry;
  random: () => number;
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
  const { recorder, telemetry, random, now } = deps;
  return {
    async send(endpoint, delivery, leaseId) {
      const startedAt = now();
      const httpOutcome = await attempt(deps, endpoint, delivery);
      publishAttempt(telemetry, endpoint, delivery, httpOutcome);
      const scheduleS = endpoint.retryScheduleS;
      const outcome = deliveryOutcomeOf({ delivery, leaseId, startedAt, httpOutcome, scheduleS, random });
      return { httpOutcome, outcome, recorded: recorder.record(shardOf(endpoint.id), outcome) };
    },
  };
}

function publishAttempt(telemetry: Telemetry, { id, url }: Endpoint, delivery: ClaimedDelivery, outcome: HttpOutcome) {
  const { deliveryId, eventId, orderKey, attempts } = delivery;
  telemetry.publish("delivery.attempted", () => ({
    deliveryId,
    eventId,
    endpointId: id,
    // An event about no transaction is ordered by its own id.
    transactionId: orderKey === eventId ? null : orderKey,
    url,
    attempt: attempts + 1,
    outcome: outcome.kind,
    ...(outcome.kind === "unsent"
      ? { status: null, problem: outcome.reason, ms: 0 }
      : { status: outcome.status, problem: outcome.error, ms: outcome.latencyMs }),
  }));
}
