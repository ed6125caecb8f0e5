import type { Logger } from "pino";
import type { Directory } from "../connections/directory.ts";
import type { Sql } from "../database/connect.ts";
import type { Provider } from "../providers/provider.ts";
import { disablePolling } from "../reconcile/calls/disable-polling.ts";
import type { BatchResult } from "../settle/batch.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { WakeUps } from "./wake-ups.ts";

type AfterSettlingDeps = {
  sql: Sql;
  directory: Directory;
  providers: ReadonlyMap<string, Provider>;
  wakeUps: WakeUps;
  log: Logger;
  telemetry: Telemetry;
};

/** What follows the commit of a batch: its deliveries and polls are woken, and polling that did harm is disabled. */
export function afterSettling(deps: AfterSettlingDeps): (shard: number, result: BatchResult) => void {
  const { directory, providers, wakeUps } = deps;

  async function stopPolling(shard: number, { connectionId, kind, reason }: BatchResult["pollingStops"][number]) {
    const connection = await directory.byId(shard, connectionId);
    const provider = connection && providers.get(connection.provider);
    if (provider) await disablePolling(deps, { connection, provider }, kind, reason);
  }

  return (shard, { wake, pollRequests, pollingStops }) => {
    wakeUps.deliveries(shard, wake);
    wakeUps.polls(pollRequests);
    // Without the database polling goes on; the next such answer disables it.
    for (const stop of pollingStops) stopPolling(shard, stop).catch(() => {});
  };
}
