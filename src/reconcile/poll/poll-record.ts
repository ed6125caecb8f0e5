import type { Finding } from "../../domain/evidence.ts";
import { newUuid } from "../../domain/ids.ts";
import type { NonEmpty } from "../../providers/provider.ts";
import type { StatusAnswer } from "../../providers/status.ts";
import type { PollRecord } from "../../schedule/schedule-entry.ts";

/** What the timeline shows of a poll. `at` is when the call began, `latencyMs` how long it took. */
export function recordOf(answer: StatusAnswer, shard: number, at: Date, latencyMs: number): PollRecord {
  return { id: newUuid(shard), at, latencyMs, ...outcomeOf(answer) };
}

function outcomeOf(answer: StatusAnswer): Pick<PollRecord, "outcome" | "reason"> {
  switch (answer.kind) {
    case "evidence":
      return { outcome: "answered", reason: statusesOf(answer.findings) };
    case "not-found":
    case "deferred":
      return { outcome: answer.kind, reason: null };
    case "throttled":
      return {
        outcome: "throttled",
        reason: answer.retryAfterS === null ? null : `Retry-After ${answer.retryAfterS} s`,
      };
    default:
      return { outcome: answer.kind, reason: answer.reason };
  }
}

/** `failed, code 1032, not believed yet`. Codes are the provider's own. */
function statusesOf(findings: NonEmpty<Finding>): string {
  return findings
    .map(({ says, result, provisional }) =>
      [says, ...(result ? [`code ${result.code}`] : []), ...(provisional ? ["not believed yet"] : [])].join(", "),
    )
    .join("; ");
}
