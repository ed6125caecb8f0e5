import type { Connection } from "../../connections/connection.ts";
import type { Sql } from "../../database/connect.ts";
import type { Provider } from "../../providers/provider.ts";
import { endOf, timesOf } from "../../schedule/poll-times.ts";
import { giveBack } from "../../schedule/queue-store.ts";
import type { HeldAsk } from "../../settle/item.ts";
import { allowedNow, withCalls } from "../calls/call-limits.ts";
import { type LockedPace, lockPace, writePace } from "../calls/call-limits-store.ts";
import { claimReady } from "./claim-store.ts";
import { type Claimed, held } from "./claimed-poll.ts";
import { nextStep } from "./next-action.ts";

export type Ending = { claimed: Claimed; as: "expired" | "unresolved" };

export type Taken =
  | {
      kind: "taken";
      asks: Claimed[];
      endings: Ending[];
      /** Places that were put back or dropped. */
      others: number;
      /** The database's clock. */
      now: Date;
    }
  | { kind: "refused"; why: "rate" | "throttled" | "errors" | "credentials"; until: Date; now: Date };

/**
 * Leases what a connection may be asked about now, and takes the calls for it from the allowance, in one database transaction: the
 * allowance holds for all processes. What needs no call costs none.
 */
export async function take(
  sql: Sql,
  connection: Connection,
  provider: Provider | undefined,
  max: number,
  only: "ready" | "urgent",
): Promise<Taken> {
  const { shard, id } = connection;
  return (await sql.begin(async (tx): Promise<Taken> => {
    const locked = await lockPace(tx, shard, id);
    const { pace, now } = locked;
    const allowed = allowedNow(pace, rateOf(connection, provider), max, now);
    if (allowed.kind === "refused") return { ...allowed, now };
    const claims = await claimReady(tx, shard, id, allowed.calls, only);
    const { asks, endings, back } = sort(claims, connection, provider, locked);
    await giveBack(tx, shard, back);
    if (asks.length > 0) await writePace(tx, shard, id, withCalls(pace, asks.length, allowed.probe, now));
    return { kind: "taken", asks, endings, others: back.length, now };
  })) as Taken;
}

/** Calls a minute, by the connection's settings or as the provider is known to bear. */
export function rateOf({ settings, environment }: Connection, provider: Provider | undefined): number {
  return settings.reconcile?.rate_per_minute ?? provider?.status?.ratePerMinute[environment] ?? 60;
}

function sort(
  claims: Claimed[],
  connection: Connection,
  provider: Provider | undefined,
  locked: LockedPace,
): { asks: Claimed[]; endings: Ending[]; back: HeldAsk[] } {
  const times = timesOf(connection.settings);
  const asks: Claimed[] = [];
  const endings: Ending[] = [];
  const back: HeldAsk[] = [];
  for (const claimed of claims) {
    const step = nextStep(claimed, connection, provider, locked, times, locked.now);
    if (step.do === "ask") asks.push(claimed);
    else if (step.do === "end") endings.push({ claimed, as: step.as });
    else if (step.do === "drop") back.push(held(claimed, { dueAt: null }));
    else back.push(held(claimed, { dueAt: step.until, endsAt: endOf(claimed.transaction, times) }));
  }
  return { asks, endings, back };
}
