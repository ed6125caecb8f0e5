import type { Evidence, Source } from "../evidence.ts";
import type { Status } from "../kinds.ts";
import { latestReadings } from "./latest-readings.ts";
import type { Policy } from "./policy.ts";
import { type NeededReview, neededReview } from "./review.ts";
import { finalStatus, latestOperatorDecision, openSource, openStatus } from "./status.ts";
import { type DecidingRegistration, saysPaid, strongestFirst, weigh } from "./weigh.ts";

export type Decision = {
  status: Status;
  source: Source;
  review: NeededReview | null;
  /** The evidence that the status rests on, strongest first; empty where nothing final counts. */
  grounds: Evidence[];
  /** A success or refund was reported that does not count: the provider is to be polled at once. */
  pollNow: boolean;
};

/**
 * Decides a transaction from its evidence. A pure function of the *set*: any order and any repetition give the same
 * decision. `registration` is null where the merchant registered nothing.
 */
export function decide(all: readonly Evidence[], registration: DecidingRegistration | null, policy: Policy): Decision {
  const evidence = latestReadings(all);
  const operator = latestOperatorDecision(evidence);
  if (operator) {
    return { status: operator.says as Status, source: "operator", review: null, grounds: [operator], pollNow: false };
  }

  const weighed = evidence.map(e => weigh(e, registration, policy)).sort(strongestFirst);
  const counting = weighed.filter(w => w.counts);
  const final = finalStatus(counting);
  const status = final?.status ?? openStatus(evidence);
  const hasCountingSuccess = counting.some(saysPaid);
  const unprovenSuccess = weighed.find(w => saysPaid(w) && !w.counts && !w.isMismatch);
  const hasUnprovenRefund = status !== "refunded" && weighed.some(w => w.evidence.says === "refunded" && !w.counts);
  return {
    status,
    source: final?.source ?? openSource(status, evidence, registration),
    review: neededReview({ status, weighed, hasCountingSuccess, unprovenSuccess, registration, policy }),
    grounds: final ? counting.filter(w => w.evidence.says === final.status).map(w => w.evidence) : [],
    pollNow: policy.canPoll && ((unprovenSuccess !== undefined && !hasCountingSuccess) || hasUnprovenRefund),
  };
}
