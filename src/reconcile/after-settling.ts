import type { BatchResult } from "../settle/settle.ts";
import type { ReconcileDeps } from "./deps.ts";
import { stopAsking } from "./stop-asking.ts";
import type { ReconcileWorker } from "./worker.ts";

/**
 * What a settled batch asks of the reconciler, told after its commit: to ask at once, or to ask no more. `worker` is null in a process
 * that has none; then another's finds it in the schedule.
 */
export function afterSettling(
  deps: Pick<ReconcileDeps, "sql" | "log" | "providers" | "connectionOf" | "onPaused">,
  worker: Pick<ReconcileWorker, "wake"> | null,
  shard: number,
  { askNow, stops }: Pick<BatchResult, "askNow" | "stops">,
): void {
  if (askNow.length > 0) worker?.wake(askNow);
  for (const { connectionId, kind, reason } of stops) {
    void deps
      .connectionOf(shard, connectionId)
      .then(async connection => {
        const provider = connection && deps.providers.get(connection.provider);
        if (provider) await stopAsking(deps, { connection, provider }, kind, reason);
      })
      .catch(error => deps.log.error({ err: error, connection_id: connectionId }, "asking could not be stopped"));
  }
}
