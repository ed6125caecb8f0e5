import type { Evidence, Source, Strength } from "./evidence.ts";
import { type FinalStatus, isFinal, type Kind, type ReviewReason, type Status } from "./kinds.ts";
import { type Money, parseAmount } from "./money.ts";

/** From which strength up a connection lets evidence settle; `proof` is `signed` and above. */
export type SettleOn = "hint" | "match" | "proof";

/** What deciding needs to know beside the evidence. */
export type Policy = {
  /** As set on the connection; null leaves it to the kind: there is nothing to register for C2B, SMS and e-mail. */
  settleOn: SettleOn | null;
  /** Decimal text; from this amount up a success needs proof. */
  confirmAbove: string | null;
  /** Whether the provider can be asked about this transaction: a success that does not count is then asked about. */
  canPoll: boolean;
};

/** What the merchant said before or after the evidence came. */
export type Registered = { registered: boolean; amount: Money | null };

export type Decision = {
  status: Status;
  source: Source;
  review: { reason: ReviewReason; detail: string; duplicateOf?: string } | null;
  /** The evidence the status rests on, strongest first; empty where nothing final counts. */
  grounds: Evidence[];
  /** A success or refund was heard that does not count: ask the provider now. */
  pollNow: boolean;
};

const settleOnByKind: Partial<Record<Kind, SettleOn>> = { c2b: "hint", sms: "hint", email: "hint" };
const needed = { hint: "hint", match: "match", proof: "signed" } as const satisfies Record<SettleOn, Strength>;
const rank = { hint: 0, match: 1, signed: 2, poll: 3, statement: 4, operator: 5 } as const satisfies Record<
  Strength,
  number
>;

/**
 * What the evidence comes to. A pure function of the *set*: any order and any repetition give the same answer. Only an operator's word looks at time: the latest wins.
 */
export function decide(all: readonly Evidence[], registered: Registered, policy: Policy): Decision {
  const evidence = current(all);
  const operator = latestWord(evidence);
  if (operator)
    return { status: operator.says as Status, source: "operator", review: null, grounds: [operator], pollNow: false };

  const weighed = evidence.map(e => weigh(e, registered, policy)).sort(strongestFirst);
  const counting = weighed.filter(w => w.counts);
  const settled = settle(counting);
  const status = settled?.says ?? openStatus(evidence);
  const grounds = settled ? counting.filter(w => w.evidence.says === settled.says).map(w => w.evidence) : [];
  const successCounts = counting.some(saysPaid);
  const unheard = weighed.find(w => saysPaid(w) && !w.counts && !w.mismatch);
  const refundUnheard = status !== "refunded" && weighed.some(w => w.evidence.says === "refunded" && !w.counts);
  const pollNow = policy.canPoll && ((unheard !== undefined && !successCounts) || refundUnheard);
  return {
    status,
    source: settled?.source ?? openSource(status, evidence, registered),
    review: review({ status, weighed, successCounts, unheard, policy, registered }),
    grounds,
    pollNow,
  };
}

type Weighed = { evidence: Evidence; strength: Strength; counts: boolean; mismatch: boolean };

/** A callback that was read again speaks by its latest reading only; the same id twice is one thing. */
export function current(all: readonly Evidence[]): Evidence[] {
  const latest = new Map<string, number>();
  for (const e of all) {
    if (e.callbackId) latest.set(e.callbackId, Math.max(latest.get(e.callbackId) ?? 0, e.reading));
  }
  const byId = new Map<string, Evidence>();
  for (const e of all) {
    if (!e.callbackId || latest.get(e.callbackId) === e.reading) byId.set(e.id, e);
  }
  return [...byId.values()];
}

function latestWord(evidence: Evidence[]): Evidence | undefined {
  return evidence
    .filter(e => e.strength === "operator" && isFinal(e.says as Status))
    .sort((a, b) => b.learntAt.getTime() - a.learntAt.getTime() || compare(b.id, a.id))[0];
}

function weigh(e: Evidence, registered: Registered, policy: Policy): Weighed {
  const differs = e.amount !== undefined && registered.amount !== null && !sameMoney(e.amount, registered.amount);
  const strength: Strength = e.strength === "hint" && registered.registered && !differs ? "match" : e.strength;
  const mismatch = e.says === "completed" && differs;
  return { evidence: e, strength, mismatch, counts: !mismatch && counts(e, strength, registered, policy) };
}

function counts(e: Evidence, strength: Strength, registered: Registered, policy: Policy): boolean {
  if (!isFinal(e.says as Status) || e.provisional) return false;
  // A reversal was believed before it got here: whose payment it gave back is not believed anew.
  if (e.source === "schedule" || e.reversedBy !== undefined) return true;
  const settleOn = policy.settleOn ?? settleOnByKind[e.kind] ?? "match";
  const bar = e.says === "completed" && aboveConfirm(e, registered, policy) ? "signed" : needed[settleOn];
  return rank[strength] >= rank[bar];
}

/** Where no amount is known at all, it may well be above: proof is needed. */
function aboveConfirm(e: Evidence, registered: Registered, policy: Policy): boolean {
  if (policy.confirmAbove === null) return false;
  const amount = registered.amount ?? e.amount;
  if (!amount) return true;
  const from = parseAmount(policy.confirmAbove, amount.currency);
  return !from.ok || amount.minor >= from.money.minor;
}

/** A refund, else any success, else the strongest failure or expiry; what the schedule says yields to all of them. */
function settle(counting: Weighed[]): { says: FinalStatus; source: Source } | null {
  const first = (says: FinalStatus[]) => counting.find(w => says.includes(w.evidence.says as FinalStatus))?.evidence;
  const told = counting.filter(w => w.evidence.source !== "schedule").map(w => w.evidence);
  const found =
    first(["refunded"]) ??
    first(["completed"]) ??
    told.find(e => e.says === "failed" || e.says === "expired") ??
    first(["expired", "failed"]);
  return found ? { says: found.says as FinalStatus, source: found.source } : null;
}

function openStatus(evidence: Evidence[]): Status {
  if (evidence.some(e => e.says === "unresolved")) return "unresolved";
  return evidence.some(e => e.says === "processing") ? "processing" : "pending";
}

function openSource(status: Status, evidence: Evidence[], registered: Registered): Source {
  if (status === "unresolved") return "schedule";
  if (status === "processing")
    return evidence.filter(e => e.says === "processing").sort(byWeight)[0]?.source ?? "callback";
  if (registered.registered) return "registration";
  return [...evidence].sort(byWeight)[0]?.source ?? "callback";
}

type ReviewInput = {
  status: Status;
  weighed: Weighed[];
  successCounts: boolean;
  unheard: Weighed | undefined;
  policy: Policy;
  registered: Registered;
};

/** The reason that matters most, where several hold. */
function review(input: ReviewInput): Decision["review"] {
  const { status, weighed, successCounts, unheard, policy } = input;
  const twin = weighed.find(w => w.evidence.duplicateOf !== undefined)?.evidence.duplicateOf;
  if (twin !== undefined) {
    return { reason: "duplicate_receipt", detail: "Another transaction already has this receipt.", duplicateOf: twin };
  }
  const against = status === "completed" ? weighed.find(saysFailedForCertain) : undefined;
  if (against) {
    return {
      reason: "conflict",
      detail: `Settled as ${status}, but a ${against.strength} answer says ${against.evidence.says}.`,
    };
  }
  if (!isFinal(status) && weighed.some(w => w.evidence.says === "contradiction")) {
    return { reason: "conflict", detail: "The provider's answer contradicts itself." };
  }
  if (!successCounts && weighed.some(w => w.mismatch)) {
    return { reason: "amount_mismatch", detail: "A success was told with another amount or currency than registered." };
  }
  if (status === "unresolved") {
    return { reason: "unresolved", detail: "Asking the provider has ended without an answer." };
  }
  // Also of what failed or expired: the money may be there.
  if (unheard && !successCounts && !policy.canPoll) {
    return { reason: "unregistered", detail: unheardDetail(unheard, input.registered) };
  }
  return null;
}

function unheardDetail(unheard: Weighed, registered: Registered): string {
  return registered.registered
    ? `A success was told with strength ${unheard.strength}, which this connection does not settle on, and the provider cannot be asked.`
    : "A success was told for a transaction that nobody registered, and the provider cannot be asked.";
}

/** Only what was paid can be given back. */
function saysPaid(w: Weighed): boolean {
  return w.evidence.says === "completed" || w.evidence.says === "refunded";
}

function saysFailedForCertain(w: Weighed): boolean {
  const opposite = w.evidence.says === "failed" || w.evidence.says === "expired";
  return opposite && !w.evidence.provisional && w.evidence.source !== "schedule" && rank[w.strength] >= rank.signed;
}

function strongestFirst(a: Weighed, b: Weighed): number {
  return rank[b.strength] - rank[a.strength] || byWeight(a.evidence, b.evidence);
}

/** A total order that no arrival can change: stored strength, then what it says, then content. */
export function byWeight(a: Evidence, b: Evidence): number {
  return (
    rank[b.strength] - rank[a.strength] ||
    compare(b.says, a.says) ||
    compare(contentKey(a), contentKey(b)) ||
    compare(a.id, b.id)
  );
}

function contentKey(e: Evidence): string {
  return `${e.result?.code ?? ""}|${e.refs.receipt ?? ""}|${e.amount ? `${e.amount.currency}${e.amount.minor}` : ""}|${e.kind}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function sameMoney(a: Money, b: Money): boolean {
  return a.minor === b.minor && a.currency === b.currency;
}
