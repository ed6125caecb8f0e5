import type { Connection } from "../../connections/connection.ts";
import type { Sql } from "../../database/connect.ts";
import type { Provider } from "../../providers/provider.ts";
import { endTimeOf, pollTimesOf } from "../../schedule/poll-times.ts";
import { releasePolls } from "../../schedule/queue-store.ts";
import type { PollRelease } from "../../schedule/schedule-entry.ts";
import { allowedNow, withCalls } from "../calls/call-limits.ts";
import { type LockedCallLimits, lockCallLimits, writeCallLimits } from "../calls/call-limits-store.ts";
import { claimDuePolls } from "./claim-store.ts";
import { type ClaimedPoll, releaseOf } from "./claimed-poll.ts";
import { nextAction } from "./next-action.ts";

export type DueEnding = { claimed: ClaimedPoll; as: "expired" | "unresolved" };

export type ClaimResult =
  | {
      kind: "taken";
      asks: ClaimedPoll[];
      endings: DueEnding[];
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
export async function claimPolls(
  sql: Sql,
  connection: Connection,
  provider: Provider | undefined,
  max: number,
  only: "ready" | "urgent",
): Promise<ClaimResult> {
  const { shard, id } = connection;
  return (await sql.begin(async (tx): Promise<ClaimResult> => {
    const locked = await lockCallLimits(tx, shard, id);
    const { limits, now } = locked;
    const allowed = allowedNow(limits, callRatePerMinute(connection, provider), max, now);
    if (allowed.kind === "refused") return { ...allowed, now };
    const claims = await claimDuePolls(tx, shard, id, allowed.calls, only);
    const { asks, endings, back } = sort(claims, connection, provider, locked);
    await releasePolls(tx, shard, back);
    if (asks.length > 0) await writeCallLimits(tx, shard, id, withCalls(limits, asks.length, allowed.probe, now));
    return { kind: "taken", asks, endings, others: back.length, now };
  })) as ClaimResult;
}

/** Calls a minute, by the connection's settings or as the provider is known to bear. */
export function callRatePerMinute({ settings, environment }: Connection, provider: Provider | undefined): number {
  return settings.reconcile?.rate_per_minute ?? provider?.status?.ratePerMinute[environment] ?? 60;
}

function sort(
  claims: ClaimedPoll[],
  connection: Connection,
  provider: Provider | undefined,
  locked: LockedCallLimits,
): { asks: ClaimedPoll[]; endings: DueEnding[]; back: PollRelease[] } {
  const times = pollTimesOf(connection.settings);
  const asks: ClaimedPoll[] = [];
  const endings: DueEnding[] = [];
  const back: PollRelease[] = [];
  for (const claimed of claims) {
    const step = nextAction(claimed, connection, provider, locked, times, locked.now);
    if (step.do === "ask") asks.push(claimed);
    else if (step.do === "end") endings.push({ claimed, as: step.as });
    else if (step.do === "drop") back.push(releaseOf(claimed, { dueAt: null }));
    else back.push(releaseOf(claimed, { dueAt: step.until, endsAt: endTimeOf(claimed.transaction, times) }));
  }
  return { asks, endings, back };
}
