import { publicId } from "../../domain/ids.ts";
import type { Trouble } from "../../providers/call.ts";
import type { ReconcileDeps } from "../deps.ts";
import type { Asked } from "../poll/poll-result.ts";
import type { Heard } from "./call-limits.ts";
import { noteHeard } from "./call-limits-store.ts";
import type { Asker } from "./provider-account.ts";

/** Notes why there is no answer. What pauses the connection is told once: to the log, to metrics, and in its row. */
export async function hearTrouble(
  deps: ReconcileDeps,
  { connection, provider }: Asker,
  trouble: Trouble,
): Promise<Asked> {
  const { before, after } = await noteHeard(deps.sql, connection.shard, connection.id, heardOf(trouble));
  const isNewPause = after.pausedUntil !== null && after.pauseReason !== null && after.pausedAt !== before.pausedAt;
  const wasPaused = before.pausedUntil !== null && after.pausedAt !== null && before.pausedUntil > after.pausedAt;
  if (isNewPause && !wasPaused) {
    deps.onPaused?.(provider.id, after.pauseReason!);
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
  return { word: trouble.kind, detail: detailOf(trouble), retryAfterS };
}

function heardOf(trouble: Trouble): Heard {
  switch (trouble.kind) {
    case "throttled":
      return { kind: "throttled", retryAfterS: trouble.retryAfterS };
    case "credentials-refused":
      return { kind: "credentials", reason: trouble.reason };
    case "unavailable":
      return { kind: "error" };
  }
}

function detailOf(trouble: Trouble): string {
  return trouble.kind === "throttled" ? "the provider asks for fewer calls" : trouble.reason;
}
