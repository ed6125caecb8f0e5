import type { Evidence, Source } from "../evidence.ts";
import { type FinalStatus, isFinal, type Status } from "../kinds.ts";
import { byStrength, compareText } from "./order.ts";
import type { DecidingRegistration, WeighedEvidence } from "./weigh.ts";

/** The operator's decision with the latest time; the only rule that looks at time. */
export function latestOperatorDecision(evidence: Evidence[]): Evidence | undefined {
  return evidence
    .filter(e => e.strength === "operator" && isFinal(e.says as Status))
    .sort((a, b) => b.learntAt.getTime() - a.learntAt.getTime() || compareText(b.id, a.id))[0];
}

/**
 * The final status that the counting evidence, strongest first, comes to: a refund, else any success, else the
 * strongest failure or expiry. An expiry by the schedule yields to every other source. Null where nothing counts.
 */
export function finalStatus(counting: WeighedEvidence[]): { status: FinalStatus; source: Source } | null {
  const evidence = counting.map(w => w.evidence);
  const reported = evidence.filter(e => e.source !== "schedule");
  const isFailure = (e: Evidence) => e.says === "failed" || e.says === "expired";
  const deciding =
    evidence.find(e => e.says === "refunded") ??
    evidence.find(e => e.says === "completed") ??
    reported.find(isFailure) ??
    evidence.find(isFailure);
  return deciding ? { status: deciding.says as FinalStatus, source: deciding.source } : null;
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
