import { isFinal, type ReviewReason, type Status } from "../kinds.ts";
import { rank } from "./order.ts";
import type { Policy } from "./policy.ts";
import type { DecidingRegistration, WeighedEvidence } from "./weigh.ts";

/** Why a person has to look at a transaction. `duplicateOf`: the transaction that already has its receipt. */
export type NeededReview = { reason: ReviewReason; detail: string; duplicateOf?: string };

export type ReviewInput = {
  status: Status;
  /** Strongest first. */
  weighed: WeighedEvidence[];
  hasCountingSuccess: boolean;
  /** A success or refund of the right amount that is too weak to count. */
  unprovenSuccess: WeighedEvidence | undefined;
  registration: DecidingRegistration | null;
  policy: Policy;
};

/** One rule each, the most important first: where several hold, the first one is shown. */
const rules: ((input: ReviewInput) => NeededReview | null)[] = [
  duplicateReceipt,
  successContradicted,
  disputed,
  selfContradiction,
  amountMismatch,
  unresolved,
  unregistered,
];

/** The review that a transaction needs, or null. */
export function neededReview(input: ReviewInput): NeededReview | null {
  for (const rule of rules) {
    const review = rule(input);
    if (review) return review;
  }
  return null;
}

function duplicateReceipt({ weighed }: ReviewInput): NeededReview | null {
  const duplicateOf = weighed.find(w => w.evidence.duplicateOf !== undefined)?.evidence.duplicateOf;
  if (duplicateOf === undefined) return null;
  return { reason: "duplicate_receipt", detail: "Another transaction already has this receipt.", duplicateOf };
}

/** A hint against a success is no conflict: only evidence of strength `signed` or above is. */
function successContradicted({ status, weighed }: ReviewInput): NeededReview | null {
  const failure = status === "completed" ? weighed.find(isStrongFailure) : undefined;
  if (!failure) return null;
  const { strength, evidence } = failure;
  return { reason: "conflict", detail: `Settled as ${status}, but a ${strength} answer says ${evidence.says}.` };
}

function isStrongFailure({ evidence, strength }: WeighedEvidence): boolean {
  const isFailure = evidence.says === "failed" || evidence.says === "expired";
  return isFailure && !evidence.provisional && evidence.source !== "schedule" && rank[strength] >= rank.signed;
}

/** A dispute changes no status: what becomes of the money is the provider's to report. */
function disputed({ weighed }: ReviewInput): NeededReview | null {
  const isProven = weighed.some(
    ({ evidence, strength }) => evidence.says === "disputed" && rank[strength] >= rank.signed,
  );
  return isProven ? { reason: "conflict", detail: "The payer disputes the payment at the provider." } : null;
}

function selfContradiction({ status, weighed }: ReviewInput): NeededReview | null {
  if (isFinal(status) || !weighed.some(w => w.evidence.says === "contradiction")) return null;
  return { reason: "conflict", detail: "The provider's answer contradicts itself." };
}

function amountMismatch({ hasCountingSuccess, weighed }: ReviewInput): NeededReview | null {
  if (hasCountingSuccess || !weighed.some(w => w.isMismatch)) return null;
  const detail = "A success names another amount or currency than the registration.";
  return { reason: "amount_mismatch", detail };
}

function unresolved({ status }: ReviewInput): NeededReview | null {
  if (status !== "unresolved") return null;
  return { reason: "unresolved", detail: "Polling the provider ended without a final answer." };
}

/** Holds for a failed or expired transaction too: the money may have arrived. */
function unregistered(input: ReviewInput): NeededReview | null {
  const { unprovenSuccess, hasCountingSuccess, registration, policy } = input;
  if (!unprovenSuccess || hasCountingSuccess || policy.canPoll) return null;
  const detail = registration
    ? `This connection does not settle on a success of strength ${unprovenSuccess.strength}, ` +
      "and the provider cannot be polled."
    : "A success is about a transaction that is not registered, and the provider cannot be polled.";
  return { reason: "unregistered", detail };
}
