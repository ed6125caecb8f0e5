import type { Evidence } from "../evidence.ts";
import { isFinal, type ReviewReason, type Status } from "../kinds.ts";
import { formatMoney, isSameMoney, type Money } from "../money.ts";
import { countingSuccesses, doubtedAmounts, smallest } from "./amount.ts";
import { rank } from "./order.ts";
import type { Policy } from "./policy.ts";
import type { Refunds } from "./refunds.ts";
import { openSameReferences } from "./same-reference.ts";
import { type DecidingRegistration, saysNotPaid, saysPaid, type WeighedEvidence } from "./weigh.ts";

/**
 * Why a person has to look at a transaction. `expected` and `told`: the amounts that differ. `related`: ids of other
 * transactions concerned. `duplicateOf`: the transaction that already has its receipt.
 */
export type NeededReview = {
  reason: ReviewReason;
  detail: string;
  expected?: Money | null;
  told?: Money | null;
  related?: string[];
  duplicateOf?: string;
};

export type ReviewInput = {
  status: Status;
  /** Strongest first. */
  weighed: WeighedEvidence[];
  /** The transaction's amount (paidAmount). */
  amount: Money | null;
  refunds: Refunds;
  registration: DecidingRegistration | null;
  policy: Policy;
};

/** One rule each, the most important first: where several hold, the first one is shown. */
const rules: ((input: ReviewInput) => NeededReview | null)[] = [
  duplicateReceipt,
  successesDiffer,
  successContradicted,
  refundsImpossible,
  disputed,
  selfContradiction,
  amountMismatch,
  sameReference,
  unresolved,
  unproven,
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
  const detail = "Another transaction already has this receipt.";
  return { reason: "duplicate_receipt", detail, related: [duplicateOf], duplicateOf };
}

/** Two successes that count are of one payment, so their amounts and receipts are the same. */
function successesDiffer({ weighed, amount }: ReviewInput): NeededReview | null {
  const successes = countingSuccesses(weighed).map(({ evidence }) => evidence);
  const told = successes.flatMap(e => e.amount ?? []);
  const other = told.find(each => amount !== null && !isSameMoney(each, amount));
  const receipts = [...new Set(successes.flatMap(e => e.refs.receipt?.trim().toUpperCase() ?? []))].sort();
  if (other === undefined && receipts.length < 2) return null;
  const described = successes
    .filter(e => e.amount !== undefined || e.refs.receipt !== undefined)
    .map(e =>
      [e.amount && `${formatMoney(e.amount)} ${e.amount.currency}`, e.refs.receipt].filter(Boolean).join(", receipt "),
    );
  const named = [...new Set(described)].sort();
  const detail = `Successes that count differ: ${named.join("; ")}.`;
  return { reason: "conflict", detail, expected: other ? amount : null, told: other ?? null };
}

/** A hint against a success is no conflict: only evidence of strength `signed` or above is. */
function successContradicted({ status, weighed }: ReviewInput): NeededReview | null {
  if (status !== "completed") return null;
  const paid = countingSuccesses(weighed).flatMap(({ evidence }) => evidence.tryId ?? []);
  const failure = weighed.find(each => isStrongFailure(each) && !isOfOtherTry(each, paid));
  if (!failure) return null;
  const { strength, evidence } = failure;
  return { reason: "conflict", detail: `Settled as ${status}, but a ${strength} answer says ${evidence.says}.` };
}

/** A payer whose first try failed paid by another: the failure is true, and says nothing against the payment. */
function isOfOtherTry({ evidence: { tryId } }: WeighedEvidence, paid: string[]): boolean {
  return tryId !== undefined && paid.length > 0 && !paid.includes(tryId);
}

function isStrongFailure(weighed: WeighedEvidence): boolean {
  const { evidence, strength } = weighed;
  return (
    saysNotPaid(weighed) && !evidence.provisional && evidence.source !== "schedule" && rank[strength] >= rank.signed
  );
}

function refundsImpossible({ refunds, amount }: ReviewInput): NeededReview | null {
  if (refunds.problem === null) return null;
  const told = amount && { minor: refunds.minor, currency: amount.currency };
  return { reason: "conflict", detail: refunds.problem, expected: amount, told };
}

/** A dispute changes no status: what becomes of the money is the provider's to report. */
function disputed({ weighed }: Pick<ReviewInput, "weighed">): NeededReview | null {
  const isProven = provenDisputes(weighed).length > 0;
  return isProven ? { reason: "conflict", detail: "The payer disputes the payment at the provider." } : null;
}

/**
 * The review of a dispute that came after an operator's decision, which cannot have been about it. Later news of a
 * dispute that was known by then, such as a reminder, needs none.
 */
export function newDispute(weighed: WeighedEvidence[], { learntAt: decidedAt }: Evidence): NeededReview | null {
  const disputes = provenDisputes(weighed);
  const isLater = ({ evidence }: WeighedEvidence) => evidence.learntAt > decidedAt;
  const known = new Set(disputes.filter(each => !isLater(each)).map(disputeName));
  return disputed({ weighed: disputes.filter(each => isLater(each) && !known.has(disputeName(each))) });
}

function provenDisputes(weighed: WeighedEvidence[]): WeighedEvidence[] {
  return weighed.filter(({ evidence, strength }) => evidence.says === "disputed" && rank[strength] >= rank.signed);
}

function disputeName({ evidence }: WeighedEvidence): string | undefined {
  return evidence.details?.dispute_id;
}

function selfContradiction({ status, weighed }: ReviewInput): NeededReview | null {
  if (isFinal(status) || !weighed.some(w => w.evidence.says === "contradiction")) return null;
  return { reason: "conflict", detail: "The provider's answer contradicts itself." };
}

/** A success without an amount does not close it: what was told stays in doubt. */
function amountMismatch({ weighed, registration }: ReviewInput): NeededReview | null {
  const mismatches = weighed.filter(w => w.isMismatch);
  const successes = countingSuccesses(weighed);
  const isSettled = registration?.amount == null ? successes.length > 0 : successes.some(w => w.evidence.amount);
  if (mismatches.length === 0 || isSettled) return null;
  const doubted = doubtedAmounts(weighed);
  const told = smallest(doubted.length > 0 ? doubted : mismatches.map(w => w.evidence.amount!));
  const detail =
    told.minor === 0n
      ? "A success names an amount of zero."
      : "A success names another amount or currency than the registration.";
  return { reason: "amount_mismatch", detail, expected: registration?.amount ?? null, told };
}

/** Of a payment for an order of another amount, and of the order as long as it is not paid. */
function sameReference({ status, weighed, amount, registration }: ReviewInput): NeededReview | null {
  const others = openSameReferences(weighed.map(w => w.evidence));
  const orders = others.filter(({ role }) => role === "order");
  const [order] = orders;
  if (order !== undefined) {
    return {
      reason: "amount_mismatch",
      detail: "The payment names the reference of a registered transaction of another amount.",
      expected: { minor: BigInt(order.minor), currency: order.currency },
      told: amount,
      related: orders.map(({ transactionId }) => transactionId),
    };
  }
  if (others.length === 0 || status === "completed" || status === "refunded") return null;
  const { currency } = others[0]!;
  const minor = others.filter(o => o.currency === currency).reduce((sum, o) => sum + BigInt(o.minor), 0n);
  return {
    reason: "amount_mismatch",
    detail: "Payments of another amount name the reference of this transaction.",
    expected: registration?.amount ?? null,
    told: { minor, currency },
    related: others.map(({ transactionId }) => transactionId),
  };
}

function unresolved({ status }: ReviewInput): NeededReview | null {
  if (status !== "unresolved") return null;
  return { reason: "unresolved", detail: "Polling the provider ended without a final answer." };
}

/** Holds for a failed or expired transaction too: the money may have arrived. */
function unproven({ status, weighed, registration, policy }: ReviewInput): NeededReview | null {
  if (policy.canPoll || countingSuccesses(weighed).length > 0 || status === "refunded") return null;
  const success = weighed.find(w => saysPaid(w) && !w.counts && !w.isMismatch);
  if (registration === null) {
    const detail = "A success is about a transaction that is not registered, and the provider cannot be polled.";
    return success ? { reason: "unregistered", detail } : null;
  }
  const failure = isFinal(status) ? undefined : weighed.find(w => w.lacksProof && saysNotPaid(w));
  const report = success ?? failure;
  if (report === undefined) return null;
  const what = report === failure ? "failure" : "success";
  const detail =
    `A ${what} was reported with strength ${report.strength}, which is not enough here, ` +
    "and the provider cannot be polled.";
  return { reason: "needs_proof", detail };
}
