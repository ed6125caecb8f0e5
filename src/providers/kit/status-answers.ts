import type { Finding } from "../../domain/evidence.ts";
import type { FieldProblem, NonEmpty } from "../provider.ts";
import type { StatusAnswer } from "../status.ts";

/** Answered, and not final. The reason is for people: codes and field names, never values. */
export function notYet(reason: string): StatusAnswer {
  return { kind: "not-yet", reason };
}

export function evidenceAnswer(finding: Finding): StatusAnswer {
  return { kind: "evidence", findings: [finding] };
}

/** An answer that says something final and something unreadable settles nothing: an amount must not go uncompared. */
export function unreadableAnswer(problems: NonEmpty<FieldProblem>): StatusAnswer {
  return notYet(`the answer cannot be read: ${problems.map(({ path, message }) => `${path}: ${message}`).join("; ")}`);
}
