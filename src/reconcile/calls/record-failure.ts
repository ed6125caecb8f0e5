import { publicId } from "../../domain/ids.ts";
import type { CallFailure } from "../../providers/call.ts";
import type { CallDeps } from "./call-deps.ts";
import type { CallOutcome } from "./call-limits.ts";
import { recordCallOutcome } from "./call-limits-store.ts";
import type { ProviderAccount } from "./provider-account.ts";

/** Counts a failed call against the account's limits. A pause that begins by it is logged and counted once. */
export async function recordFailure(
  deps: CallDeps,
  { connection, provider }: ProviderAccount,
  failure: CallFailure,
): Promise<void> {
  const { before, after } = await recordCallOutcome(deps.sql, connection.shard, connection.id, outcomeOf(failure));
  const isNewPause = after.pausedUntil !== null && after.pauseReason !== null && after.pausedAt !== before.pausedAt;
  const wasPaused = before.pausedUntil !== null && after.pausedAt !== null && before.pausedUntil > after.pausedAt;
  if (!isNewPause || wasPaused) return;
  const reason = after.pauseReason!;
  deps.telemetry.publish("connection.paused", () => ({ provider: provider.id, connectionId: connection.id, reason }));
  const level = after.pauseReason === "throttled" ? "info" : "warn";
  deps.log[level](
    {
      connection_id: publicId("connection", connection.id),
      provider: provider.id,
      reason: after.pauseReason,
      detail: describeFailure(failure),
      until: after.pausedUntil?.toISOString(),
    },
    "connection paused",
  );
}

/** For logs and answers of the API; no secrets. */
export function describeFailure(failure: CallFailure): string {
  return failure.kind === "throttled" ? "the provider asks for fewer calls" : failure.reason;
}

function outcomeOf(failure: CallFailure): CallOutcome {
  switch (failure.kind) {
    case "throttled":
      return { kind: "throttled", retryAfterS: failure.retryAfterS };
    case "credentials-refused":
      return { kind: "credentials", reason: failure.reason };
    case "refused":
    case "unavailable":
      return { kind: "error" };
  }
}
