import type { Connection } from "../../connections/connection.ts";
import { publicId } from "../../domain/ids.ts";
import { type Kind, kindNames } from "../../domain/kinds.ts";
import type { Provider } from "../../providers/provider.ts";
import type { CallDeps } from "./call-deps.ts";
import { stopPollingKinds } from "./call-limits-store.ts";

/**
 * Disables polls of a kind, and of the other kinds that the same status call serves, because another poll would do harm
 * (a locked initiator). Lasts until the connection is changed; pending transactions wait for callbacks.
 */
export async function disablePolling(
  { sql, log, telemetry }: Pick<CallDeps, "sql" | "log" | "telemetry">,
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
    "polling disabled: the provider reported locked credentials",
  );
}
