import type { CanPoll } from "../connections/connection.ts";
import { canPoll } from "../providers/can-poll.ts";
import type { Provider } from "../providers/provider.ts";
import { releasePolls } from "../schedule/queue-store.ts";
import { syncSchedule } from "../schedule/sync-schedule.ts";
import type { SettleDeps } from "../settle/settle-deps.ts";

/** What settling needs of reconciling. */
export function reconcileHooks(
  providers: ReadonlyMap<string, Provider>,
): Pick<SettleDeps, "canPoll" | "schedule" | "releasePolls" | "readDeferredAnswer"> {
  const askable: CanPoll = ({ provider, credentials }, kind) => {
    const known = providers.get(provider);
    return known !== undefined && canPoll(known, kind, credentials);
  };
  return {
    canPoll: askable,
    schedule: (tx, shard, moved) => syncSchedule(askable, tx, shard, moved),
    releasePolls: releasePolls,
    readDeferredAnswer: (provider, heard) => providers.get(provider)?.status?.readDeferredAnswer?.(heard) ?? null,
  };
}
