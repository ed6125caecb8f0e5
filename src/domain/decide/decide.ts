import type { Evidence, Source } from "../evidence.ts";
import type { Status } from "../kinds.ts";
import type { Money } from "../money.ts";
import { countingSuccesses, paidAmount } from "./amount.ts";
import { latestReadings } from "./latest-readings.ts";
import type { Policy } from "./policy.ts";
import { type Refunds, sumRefunds } from "./refunds.ts";
import { type NeededReview, neededReview, newDispute } from "./review.ts";
import { finalStatus, latestOperatorDecision, openSource, openStatus } from "./status.ts";
import {
  type DecidingRegistration,
  saysNotPaid,
  saysPaid,
  strongestFirst,
  type WeighedEvidence,
  weigh,
} from "./weigh.ts";

export type Decision = {
  status: Status;
  source: Source;
  review: NeededReview | null;
  /** What was paid, or is to be; null where nothing names an amount. */
  amount: Money | null;
  /** What was given back, in minor units of the amount's currency. */
  refundedMinor: bigint;
  /** The evidence that the status rests on, strongest first; empty where nothing final counts. */
  grounds: Evidence[];
  /** What was reported does not count, or not with its amount: the provider is to be polled at once. */
  pollNow: boolean;
};

/**
 * Decides a transaction from its evidence. A pure function of the *set*: any order and any repetition give the same
 * decision. `registration` is null where the merchant registered nothing.
 */
export function decide(all: readonly Evidence[], registration: DecidingRegistration | null, policy: Policy): Decision {
  const evidence = latestReadings(all);
  const weighed = evidence.map(e => weigh(e, registration, policy)).sort(strongestFirst);
  const amount = paidAmount(weighed, registration);
  const refunds = sumRefunds(weighed, amount);
  const operator = latestOperatorDecision(evidence);
  if (operator) return { ...decidedByOperator(operator, amount, refunds), review: newDispute(weighed, operator) };

  const counting = weighed.filter(w => w.counts);
  const final = finalStatus(counting, refunds.extent);
  const status = final?.status ?? openStatus(evidence);
  const review = neededReview({ status, weighed, amount, refunds, registration, policy });
  return {
    status,
    source: final?.source ?? openSource(status, evidence, registration),
    review,
    amount,
    refundedMinor: refunds.minor,
    grounds: final?.grounds ?? [],
    pollNow: policy.canPoll && isInDoubt(status, weighed, review),
  };
}

/** An operator's amount is what was really paid. What was given back stays, as far as the decision leaves room. */
function decidedByOperator(operator: Evidence, known: Money | null, refunds: Refunds): Omit<Decision, "review"> {
  const status = operator.says as Status;
  const amount = operator.amount ?? known;
  const total = amount?.minor ?? 0n;
  const leavesRoom = status === "completed" && refunds.minor < total;
  const refundedMinor = status === "refunded" ? total : leavesRoom ? refunds.minor : 0n;
  return { status, source: "operator", amount, refundedMinor, grounds: [operator], pollNow: false };
}

/**
 * Whether only the provider can say what is true: a success, refund or guarded failure was reported and does not count,
 * or the reported amount is in doubt and its receipt can be asked about.
 */
function isInDoubt(status: Status, weighed: WeighedEvidence[], review: NeededReview | null): boolean {
  const isPaid = countingSuccesses(weighed).length > 0 || status === "refunded";
  const unproven = weighed.filter(w => !w.counts);
  return (
    (!isPaid && unproven.some(saysPaid)) ||
    (status !== "refunded" && unproven.some(w => w.evidence.says === "refunded")) ||
    (!isPaid && status !== "failed" && status !== "expired" && unproven.some(w => w.lacksProof && saysNotPaid(w))) ||
    (review?.reason === "amount_mismatch" && weighed.some(w => w.isMismatch && w.evidence.refs.receipt !== undefined))
  );
}
