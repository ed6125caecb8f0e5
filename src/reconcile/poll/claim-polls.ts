import type { Connection } from "../../connections/connection.ts";
import type { Sql } from "../../database/connect.ts";
import type { Provider } from "../../providers/provider.ts";
import { endTimeOf, pollTimesOf } from "../../schedule/poll-times.ts";
import { releasePolls } from "../../schedule/queue-store.ts";
import type { PollRelease } from "../../schedule/schedule-entry.ts";
import { type CallAllowance, callRatePerMinute, callsAllowed, withReservedCalls } from "../calls/call-limits.ts";
import { type LockedCallLimits, lockCallLimits, writeCallLimits } from "../calls/call-limits-store.ts";
import { claimDuePolls, type PollPriority } from "./claim-store.ts";
import { type ClaimedPoll, releaseOf } from "./claimed-poll.ts";
import { nextAction } from "./next-action.ts";

/** The part of the rate that audits may use up: unfinished transactions have the rest. */
const auditShare = 0.8;

/** A claimed poll whose transaction the schedule ends. */
export type DueEnd = { claimed: ClaimedPoll; as: "expired" | "unresolved" };

/** What to do with the claimed polls. `released` cannot be polled now, or left the schedule. */
type SortedPolls = { polls: ClaimedPoll[]; ends: DueEnd[]; released: PollRelease[] };

/** `now` is the database's time. */
export type ClaimResult = { now: Date } & (
  | ({ kind: "claimed" } & SortedPolls)
  | Extract<CallAllowance, { kind: "refused" }>
);

/**
 * Leases up to `max` due polls of a connection and reserves their calls, in one database transaction: so the limits
 * hold for all processes together. Only polls reserve calls; ends and releases need none.
 */
export async function claimPolls(
  sql: Sql,
  connection: Connection,
  provider: Provider | undefined,
  max: number,
  only: PollPriority,
): Promise<ClaimResult> {
  const { shard, id } = connection;
  return (await sql.begin(async (tx): Promise<ClaimResult> => {
    const locked = await lockCallLimits(tx, shard, id);
    const { limits, now } = locked;
    const ratePerMinute = callRatePerMinute(connection, provider) * (only === "audit" ? auditShare : 1);
    const allowed = callsAllowed(limits, Math.ceil(ratePerMinute), max, now);
    if (allowed.kind === "refused") return { ...allowed, now };
    const claimed = await claimDuePolls(tx, shard, id, allowed.calls, only);
    const sorted = sortByAction(claimed, connection, provider, locked);
    await releasePolls(tx, shard, sorted.released);
    if (sorted.polls.length > 0) {
      await writeCallLimits(tx, shard, id, withReservedCalls(limits, sorted.polls.length, allowed.probe, now));
    }
    return { kind: "claimed", ...sorted, now };
  })) as ClaimResult;
}

function sortByAction(
  claims: ClaimedPoll[],
  connection: Connection,
  provider: Provider | undefined,
  locked: LockedCallLimits,
): SortedPolls {
  const times = pollTimesOf(connection.settings);
  const sorted: SortedPolls = { polls: [], ends: [], released: [] };
  for (const claimed of claims) {
    const next = nextAction(claimed, connection, provider, locked, times, locked.now);
    switch (next.action) {
      case "poll":
        sorted.polls.push(claimed);
        break;
      case "end":
        sorted.ends.push({ claimed, as: next.as });
        break;
      case "remove":
        sorted.released.push(releaseOf(claimed, { dueAt: null }));
        break;
      case "wait":
        sorted.released.push(releaseOf(claimed, { dueAt: next.until, endsAt: endTimeOf(claimed.transaction, times) }));
        break;
    }
  }
  return sorted;
}
