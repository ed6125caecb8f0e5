import type { Evidence, Strength } from "../evidence.ts";
import { isFinal, type Status } from "../kinds.ts";
import { type Money, parseAmount } from "../money.ts";
import type { Registration } from "../transaction.ts";
import { byStrength, rank } from "./order.ts";
import { neededStrength, type Policy } from "./policy.ts";

/** What a decision needs of a registration. */
export type DecidingRegistration = Pick<Registration, "amount">;

/** Evidence with what it is worth for one transaction. */
export type WeighedEvidence = {
  evidence: Evidence;
  /** The stored strength, or `match` for a hint that agrees with the registration. */
  strength: Strength;
  /** Whether it counts towards a final status. */
  counts: boolean;
  /** A success whose amount or currency is not the registered one: it never counts. */
  isMismatch: boolean;
};

/** Weighs one piece of evidence against the registration (null where there is none) and the connection's policy. */
export function weigh(evidence: Evidence, registration: DecidingRegistration | null, policy: Policy): WeighedEvidence {
  const isOtherAmount =
    evidence.amount !== undefined &&
    registration !== null &&
    registration.amount !== null &&
    !isSameMoney(evidence.amount, registration.amount);
  const isMatch = evidence.strength === "hint" && registration !== null && !isOtherAmount;
  const strength = isMatch ? "match" : evidence.strength;
  const isMismatch = evidence.says === "completed" && isOtherAmount;
  return {
    evidence,
    strength,
    isMismatch,
    counts: !isMismatch && isStrongEnough(evidence, strength, registration, policy),
  };
}

function isStrongEnough(
  evidence: Evidence,
  strength: Strength,
  registration: DecidingRegistration | null,
  policy: Policy,
): boolean {
  if (!isFinal(evidence.says as Status) || evidence.provisional) return false;
  // A reversal had to count for its own transaction before it became evidence here, so it is not weighed again.
  if (evidence.source === "schedule" || evidence.reversedBy !== undefined) return true;
  const needed = needsProof(evidence, registration, policy) ? "signed" : neededStrength(policy, evidence.kind);
  return rank[strength] >= rank[needed];
}

/**
 * Whether a success is of `confirmAbove` or more. A success whose amount is not known may be, so it needs proof too.
 */
function needsProof(evidence: Evidence, registration: DecidingRegistration | null, policy: Policy): boolean {
  if (evidence.says !== "completed" || policy.confirmAbove === null) return false;
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

function isSameMoney(a: Money, b: Money): boolean {
  return a.minor === b.minor && a.currency === b.currency;
}
