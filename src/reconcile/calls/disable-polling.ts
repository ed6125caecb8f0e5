import type { Connection } from "../../connections/connection.ts";
import { publicId } from "../../domain/ids.ts";
import { type Kind, kindNames } from "../../domain/kinds.ts";
import type { Provider } from "../../providers/provider.ts";
import type { ReconcileDeps } from "../deps.ts";
import { stopPollingKinds } from "./call-limits-store.ts";

/**
 * Asks no more about a kind, and about others that are asked by the same call: asking on would do harm. Until the connection is changed;
 * what is pending waits for callbacks.
 */
export async function disablePolling(
  { sql, log, telemetry }: Pick<ReconcileDeps, "sql" | "log" | "telemetry">,
  { connection, provider }: { connection: Pick<Connection, "shard" | "id">; provider: Provider },
  kind: Kind,
  reason: string,
): Promise<void> {
  const call = provider.status?.kinds[kind];
  const kinds = kindNames.filter(other => other === kind || (call && provider.status?.kinds[other] === call));
  await stopPollingKinds(sql, connection.shard, connection.id, kinds, reason);
  telemetry.publish("connection.paused", () => ({
    provider: provider.id,
    connectionId: connection.id,
    reason: "stopped",
  }));
  log.error(
    { connection_id: publicId("connection", connection.id), provider: provider.id, kinds, reason },
    "asking is stopped: it would do harm; look at the credentials",
  );
}
