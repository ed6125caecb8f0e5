import type { ReconcileDeps } from "../../reconcile/deps.ts";
import { newPassCounter } from "../../reconcile/pass-counts.ts";
import { passTimeFrom } from "../../reconcile/pass-time.ts";
import { pullDue } from "../../reconcile/statements/pull.ts";
import { makePullDue } from "../../reconcile/statements/pull-store.ts";
import { balancesToCompare, connectionsToCompare, markCompared } from "./balance-store.ts";
import { findGaps } from "./find-gaps.ts";
import { closeExplainedGaps, connectionsWithGaps, keepGaps } from "./gap-store.ts";

/** Callbacks of payments overtake each other: so long a balance waits for the one before it. */
const settleS = 10;

/**
 * Compares balances that came since, and closes gaps that are explained by now. A new gap is money that no callback
 * told of: where statements are pulled, they are pulled at once.
 */
export async function compareBalances(deps: ReconcileDeps, signal: AbortSignal): Promise<void> {
  const { sql } = deps;
  for (const { shard, connectionId } of await connectionsToCompare(sql, settleS)) {
    if (signal.aborted) return;
    const balances = await balancesToCompare(sql, shard, connectionId, settleS);
    const ids = balances.map(({ id }) => id);
    const hasNew = await keepGaps(sql, shard, connectionId, ids, findGaps(balances));
    await markCompared(sql, shard, connectionId, ids);
    if (!hasNew || (await closeAndTell(deps, shard, connectionId)) === 0) continue;
    if (await makePullDue(sql, shard, connectionId)) await pullNow(deps, shard, connectionId, signal);
  }
  for (const { shard, connectionId } of await connectionsWithGaps(sql)) {
    if (signal.aborted) return;
    await closeAndTell(deps, shard, connectionId);
  }
}

async function closeAndTell({ sql, telemetry }: ReconcileDeps, shard: number, connectionId: string): Promise<number> {
  const open = await closeExplainedGaps(sql, shard, connectionId);
  telemetry.publish("balances.compared", () => ({ shard, connectionId, open }));
  return open;
}

async function pullNow(deps: ReconcileDeps, shard: number, connectionId: string, signal: AbortSignal): Promise<void> {
  const scope = { hasShard: (each: number) => each === shard, merchantId: null, connectionId };
  const time = passTimeFrom(performance.now(), signal);
  await pullDue(deps, scope, { time, counter: newPassCounter() });
}
