import type { Evidence, Says, Source } from "../evidence.ts";
import { type FinalStatus, isFinal, type Status } from "../kinds.ts";
import { byStrength, compare } from "./order.ts";
import type { Refunds } from "./refunds.ts";
import type { DecidingRegistration, WeighedEvidence } from "./weigh.ts";

/** The operator's decision with the latest time; the only rule beside `newDispute` that looks at time. */
export function latestOperatorDecision(evidence: Evidence[]): Evidence | undefined {
  return evidence
    .filter(e => e.strength === "operator" && isFinal(e.says as Status))
    .sort((a, b) => b.learntAt.getTime() - a.learntAt.getTime() || compare(b.id, a.id))[0];
}

/**
 * The final status that the counting evidence, strongest first, comes to: a refund of the whole, else any success, else
 * the strongest failure or expiry. A refund of a part says that the rest was paid. An expiry by the schedule yields to
 * every other source. Null where nothing counts. `grounds` is the evidence that the status rests on.
 */
export function finalStatus(
  counting: WeighedEvidence[],
  refunds: Refunds["extent"],
): { status: FinalStatus; source: Source; grounds: Evidence[] } | null {
  const evidence = counting.map(w => w.evidence);
  const saying = (...says: Says[]) => evidence.filter(e => says.includes(e.says));
  const decidedBy = (status: FinalStatus, grounds: Evidence[]) => ({ status, source: grounds[0]!.source, grounds });
  if (refunds === "whole") return decidedBy("refunded", saying("refunded"));
  const successes = saying("completed");
  if (successes.length > 0) return decidedBy("completed", successes);
  if (refunds === "partly") return decidedBy("completed", saying("refunded"));
  const failures = saying("failed", "expired");
  const failure = failures.find(e => e.source !== "schedule") ?? failures[0];
  if (failure === undefined) return null;
  const status = failure.says as FinalStatus;
  return { status, source: failure.source, grounds: failures.filter(e => e.says === status) };
}

/** The status while nothing final counts. */
export function openStatus(evidence: Evidence[]): Status {
  if (evidence.some(e => e.says === "unresolved")) return "unresolved";
  return evidence.some(e => e.says === "processing") ? "processing" : "pending";
}

/** The source of an open status. */
export function openSource(status: Status, evidence: Evidence[], registration: DecidingRegistration | null): Source {
  if (status === "unresolved") return "schedule";
  if (status === "processing") return strongestSource(evidence.filter(e => e.says === "processing"));
  return registration ? "registration" : strongestSource(evidence);
}

function strongestSource(evidence: Evidence[]): Source {
  return [...evidence].sort(byStrength)[0]?.source ?? "callback";
}
