import type { CanAsk } from "../connections/connection.ts";
import { canAsk } from "../providers/can-poll.ts";
import type { Provider } from "../providers/provider.ts";
import { giveBack } from "../schedule/queue-store.ts";
import { schedule } from "../schedule/sync-schedule.ts";
import type { SettleDeps } from "../settle/settle-deps.ts";

/** What settling needs of reconciling. */
export function reconcileHooks(
  providers: ReadonlyMap<string, Provider>,
): Pick<SettleDeps, "canAsk" | "schedule" | "finishAsks" | "conclude"> {
  const askable: CanAsk = ({ provider, credentials }, kind) => {
    const known = providers.get(provider);
    return known !== undefined && canAsk(known, kind, credentials);
  };
  return {
    canAsk: askable,
    schedule: (tx, shard, moved) => schedule(askable, tx, shard, moved),
    finishAsks: giveBack,
    conclude: (provider, heard) => providers.get(provider)?.status?.conclude?.(heard) ?? null,
  };
}
