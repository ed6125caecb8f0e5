import type { Evidence, Strength } from "../evidence.ts";
import { isFinal, kinds, type Status } from "../kinds.ts";
import { isSameMoney, parseAmount } from "../money.ts";
import type { Registration } from "../transaction.ts";
import { byStrength, rank } from "./order.ts";
import { neededStrength, type Policy } from "./policy.ts";

/** What a decision needs of a registration. */
export type DecidingRegistration = Pick<Registration, "kind" | "refs" | "amount">;

/** Evidence with what it is worth for one transaction. */
export type WeighedEvidence = {
  evidence: Evidence;
  /** The stored strength, or `match` for a hint that agrees with the registration. */
  strength: Strength;
  /** Whether it counts towards a final status. */
  counts: boolean;
  /** A success of zero, or one whose amount or currency is not the registered one: it never counts. */
  isMismatch: boolean;
  /** A final report that only proof makes count, and that is not proven. */
  lacksProof: boolean;
};

/** Weighs one piece of evidence against the registration (null where there is none) and the connection's policy. */
export function weigh(evidence: Evidence, registration: DecidingRegistration | null, policy: Policy): WeighedEvidence {
  const strength = isMatch(evidence, registration) ? "match" : evidence.strength;
  const hasWrongAmount = isOtherAmount(evidence, registration) || isOfZero(evidence);
  const isMismatch = evidence.says === "completed" && hasWrongAmount && !evidence.believed;
  const isReport = isFinal(evidence.says as Status) && !evidence.provisional && !isMismatch;
  // A reversal had to count for its own transaction before it became evidence here, so it is not weighed again.
  const isWeighed = evidence.source !== "schedule" && evidence.reversedBy === undefined && !evidence.believed;
  const needed = neededFor(evidence, registration, policy);
  const isStrongEnough = !isWeighed || rank[strength] >= rank[needed];
  return {
    evidence,
    strength,
    isMismatch,
    counts: isReport && isStrongEnough,
    lacksProof: isReport && !isStrongEnough && needed === "signed",
  };
}

/**
 * Whether a hint agrees with the registration: it has an id of the registered transaction that the provider made, and
 * the registered amount. A C2B payment has no such id and is found by reference and amount. A success without an amount
 * agrees only where none is registered.
 */
function isMatch(evidence: Evidence, registration: DecidingRegistration | null): boolean {
  if (evidence.strength !== "hint" || registration === null) return false;
  if (evidence.kind !== "c2b" && !sharesRef(evidence, registration)) return false;
  if (evidence.says === "refunded") return true;
  if (isOtherAmount(evidence, registration)) return false;
  return evidence.says !== "completed" || registration.amount === null || evidence.amount !== undefined;
}

function sharesRef({ refs }: Evidence, registration: DecidingRegistration): boolean {
  return Object.entries(registration.refs).some(
    ([name, value]) => refs[name]?.trim().toLowerCase() === value.trim().toLowerCase(),
  );
}

function isOtherAmount({ amount }: Evidence, registration: DecidingRegistration | null): boolean {
  return amount !== undefined && registration?.amount != null && !isSameMoney(amount, registration.amount);
}

function isOfZero({ amount }: Evidence): boolean {
  return amount?.minor === 0n;
}

function neededFor(evidence: Evidence, registration: DecidingRegistration | null, policy: Policy): Strength {
  return needsProof(evidence, registration, policy) ? "signed" : neededStrength(policy, evidence.kind);
}

/**
 * Whether a report is of `confirmAbove` or more: a success, and of outgoing money a failure too, since a false failure
 * makes the merchant pay twice. A report whose amount is not known may be, so it needs proof as well.
 */
function needsProof(evidence: Evidence, registration: DecidingRegistration | null, policy: Policy): boolean {
  if (policy.confirmAbove === null) return false;
  const { direction } = kinds[registration?.kind ?? evidence.kind];
  const isGuarded =
    evidence.says === "completed" ||
    (direction === "out" && (evidence.says === "failed" || evidence.says === "expired"));
  if (!isGuarded) return false;
  const amount = registration?.amount ?? evidence.amount;
  if (!amount) return true;
  const threshold = parseAmount(policy.confirmAbove, amount.currency);
  return !threshold.ok || amount.minor >= threshold.money.minor;
}

/** Strongest first, by the weighed strength. */
export function strongestFirst(a: WeighedEvidence, b: WeighedEvidence): number {
  return rank[b.strength] - rank[a.strength] || byStrength(a.evidence, b.evidence);
}

/** Whether evidence says that money was paid: only a paid amount can be refunded. */
export function saysPaid({ evidence }: WeighedEvidence): boolean {
  return evidence.says === "completed" || evidence.says === "refunded";
}

/** Whether evidence says that no money moved. */
export function saysNotPaid({ evidence }: WeighedEvidence): boolean {
  return evidence.says === "failed" || evidence.says === "expired";
}
