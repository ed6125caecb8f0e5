import type { Connection } from "../../connections/connection.ts";
import { isUnavailable } from "../../database/unavailable.ts";
import { publicId } from "../../domain/ids.ts";
import { isFinal } from "../../domain/kinds.ts";
import type { Provider } from "../../providers/provider.ts";
import { endStatusAt, endTimeOf, nextPollTime, noEnd, pollTimesOf } from "../../schedule/poll-times.ts";
import { releasePolls } from "../../schedule/queue-store.ts";
import type { PollRelease } from "../../schedule/schedule-entry.ts";
import { settleItem } from "../../settle/item.ts";
import type { CallLimits } from "../calls/call-limits.ts";
import { type LockedCallLimits, lockCallLimits } from "../calls/call-limits-store.ts";
import type { ReconcileDeps } from "../deps.ts";
import { countEnd, type PassCounter } from "../pass-counts.ts";
import type { DueEnd } from "./claim-polls.ts";
import { claimOverdue } from "./claim-store.ts";
import { type ClaimedPoll, releaseOf } from "./claimed-poll.ts";
import { nextAction } from "./next-action.ts";
import { evidenceOfEnd } from "./poll-evidence.ts";

/** `expiredOnly`: transactions that have only reached the time to give up are left to passes. */
export type EndScope = { connectionId: string | null; merchantId: string | null; expiredOnly: boolean };

const batchMax = 200;
/** When an expired transaction that waits for its last poll is looked at again. */
const lastPollWaitMs = 600_000;

/**
 * Ends the transactions of a shard that are past their end time. `pollConnection` has polled what could be polled.
 * Giving up does not wait for a poll; an expired transaction is polled once more first, and waits where that poll is
 * throttled.
 */
export async function endOverdue(
  deps: ReconcileDeps,
  shard: number,
  scope: EndScope,
  counter: PassCounter,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const overdue = (await deps.sql.begin(tx => claimOverdue(tx, shard, batchMax, scope))) as ClaimedPoll[];
    if (overdue.length === 0) return;
    for (const connectionId of new Set(overdue.map(claimed => claimed.transaction.connectionId))) {
      const claims = overdue.filter(claimed => claimed.transaction.connectionId === connectionId);
      const connection = await deps.directory.byId(shard, connectionId);
      if (!connection) throw new Error(`connection ${connectionId} has entries in the schedule but no row`);
      const { ends, now } = await releaseUnlessDue(deps, connection, claims);
      await Promise.all(ends.map(end => endTransaction(deps, connection, end, now, counter)));
    }
  }
}

/** Ends one transaction by the schedule. An unresolved one stays on the schedule while it can still expire. */
export async function endTransaction(
  { settler, log }: Pick<ReconcileDeps, "settler" | "log">,
  connection: Connection,
  { claimed, as }: DueEnd,
  now: Date,
  counter: PassCounter,
): Promise<void> {
  const t = claimed.transaction;
  const canExpire = as === "unresolved" && t.expiresAt !== null;
  const poll = releaseOf(claimed, canExpire ? { dueAt: t.expiresAt, endsAt: t.expiresAt! } : { dueAt: null });
  const evidence = [evidenceOfEnd(t, as, now)];
  try {
    const settled = await settler.settle(t.shard, settleItem(connection, { target: t.id, evidence, poll }));
    if (!settled.lost) countEnd(counter, t.id, as);
  } catch (error) {
    // The lease expires, and the end is tried again. The other ends of the batch go on.
    if (isUnavailable(error)) throw error;
    log.error({ err: error, transaction_id: publicId("transaction", t.id) }, "expiry not settled: it is tried again");
    counter.errors += 1;
  }
}

/** Releases the claims that are not ended now, in one database transaction; returns the others. */
async function releaseUnlessDue(
  { sql, providers }: Pick<ReconcileDeps, "sql" | "providers">,
  connection: Connection,
  claims: ClaimedPoll[],
): Promise<{ ends: DueEnd[]; now: Date }> {
  const { shard, id } = connection;
  return (await sql.begin(async tx => {
    const locked = await lockCallLimits(tx, shard, id);
    const provider = providers.get(connection.provider);
    const decisions = claims.map(claimed => endOrRelease(claimed, connection, provider, locked));
    await releasePolls(
      tx,
      shard,
      decisions.flatMap(decision => ("release" in decision ? decision.release : [])),
    );
    const ends = decisions.flatMap(decision => ("end" in decision ? decision.end : []));
    return { ends, now: locked.now };
  })) as { ends: DueEnd[]; now: Date };
}

function endOrRelease(
  claimed: ClaimedPoll,
  connection: Connection,
  provider: Provider | undefined,
  locked: LockedCallLimits,
): { end: DueEnd } | { release: PollRelease } {
  const { limits, now } = locked;
  const t = claimed.transaction;
  const times = pollTimesOf(connection.settings);
  const { action } = nextAction(claimed, connection, provider, locked, times, now);
  const endStatus = endStatusAt(t, times, now);
  if (action === "remove") return { release: releaseOf(claimed, { dueAt: null }) };
  if (isFinal(t.status)) return { release: releaseOf(claimed, { dueAt: now, endsAt: noEnd, urgent: true }) };
  if (endStatus === null) {
    // The poll times of the connection were changed meanwhile.
    const next = { dueAt: nextPollTime(t, times, now), endsAt: endTimeOf(t, times) };
    return { release: releaseOf(claimed, next) };
  }
  if (action === "poll" && endStatus === "expired" && !areCredentialsRefused(limits, now)) {
    const next = { dueAt: now, endsAt: new Date(now.getTime() + lastPollWaitMs), urgent: true };
    return { release: releaseOf(claimed, next) };
  }
  return { end: { claimed, as: endStatus } };
}

function areCredentialsRefused({ pauseReason, pausedUntil }: CallLimits, now: Date): boolean {
  return pauseReason === "credentials" && pausedUntil !== null && pausedUntil > now;
}
