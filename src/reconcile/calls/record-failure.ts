import { publicId } from "../../domain/ids.ts";
import type { CallFailure } from "../../providers/call.ts";
import type { ReconcileDeps } from "../deps.ts";
import type { PollResult } from "../poll/poll-result.ts";
import type { CallOutcome } from "./call-limits.ts";
import { recordCallOutcome } from "./call-limits-store.ts";
import type { ProviderAccount } from "./provider-account.ts";

/** Notes why there is no answer. What pauses the connection is told once: to the log, to metrics, and in its row. */
export async function recordFailure(
  deps: ReconcileDeps,
  { connection, provider }: ProviderAccount,
  trouble: CallFailure,
): Promise<PollResult> {
  const { before, after } = await recordCallOutcome(deps.sql, connection.shard, connection.id, heardOf(trouble));
  const isNewPause = after.pausedUntil !== null && after.pauseReason !== null && after.pausedAt !== before.pausedAt;
  const wasPaused = before.pausedUntil !== null && after.pausedAt !== null && before.pausedUntil > after.pausedAt;
  if (isNewPause && !wasPaused) {
    const reason = after.pauseReason!;
    deps.telemetry.publish("connection.paused", () => ({ provider: provider.id, connectionId: connection.id, reason }));
    const level = after.pauseReason === "throttled" ? "info" : "warn";
    deps.log[level](
      {
        connection_id: publicId("connection", connection.id),
        provider: provider.id,
        reason: after.pauseReason,
        detail: detailOf(trouble),
        until: after.pausedUntil?.toISOString(),
      },
      "a connection is paused: it is not asked for a while",
    );
  }
  const retryAfterS = trouble.kind === "throttled" ? trouble.retryAfterS : null;
  return { outcome: trouble.kind, detail: detailOf(trouble), retryAfterS };
}

function heardOf(trouble: CallFailure): CallOutcome {
  switch (trouble.kind) {
    case "throttled":
      return { kind: "throttled", retryAfterS: trouble.retryAfterS };
    case "credentials-refused":
      return { kind: "credentials", reason: trouble.reason };
    case "unavailable":
      return { kind: "error" };
  }
}

function detailOf(trouble: CallFailure): string {
  return trouble.kind === "throttled" ? "the provider asks for fewer calls" : trouble.reason;
}
