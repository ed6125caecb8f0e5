import type { Connection } from "../../connections/connection.ts";
import { isUnavailable } from "../../database/unavailable.ts";
import { publicId } from "../../domain/ids.ts";
import { isFinal } from "../../domain/kinds.ts";
import { endStatusAt, endTimeOf, nextPollTime, noEnd, pollTimesOf } from "../../schedule/poll-times.ts";
import { releasePolls } from "../../schedule/queue-store.ts";
import type { PollRelease } from "../../schedule/schedule-entry.ts";
import { settleItem } from "../../settle/item.ts";
import { lockCallLimits } from "../calls/call-limits-store.ts";
import type { ReconcileDeps } from "../deps.ts";
import { countEnded, type PassCounter } from "../pass-counts.ts";
import type { DueEnding } from "./claim-polls.ts";
import { claimOverdue } from "./claim-store.ts";
import { type ClaimedPoll, releaseOf } from "./claimed-poll.ts";
import { nextAction } from "./next-action.ts";
import { evidenceOfEnd } from "./poll-evidence.ts";

export type EndScope = { connectionId: string | null; merchantId: string | null; expiredOnly: boolean };

const batchMax = 200;
/** How soon it is looked whether what waits for its last question can still be asked. */
const lookAgainMs = 600_000;

/** Ends one transaction by the schedule; what is unresolved stays on it while it can still expire. */
export async function endTransaction(
  deps: Pick<ReconcileDeps, "settle" | "log">,
  connection: Connection,
  { claimed, as }: DueEnding,
  now: Date,
  tally: PassCounter,
): Promise<void> {
  const t = claimed.transaction;
  const left =
    as === "unresolved" && t.expiresAt !== null ? { dueAt: t.expiresAt, endsAt: t.expiresAt } : { dueAt: null };
  try {
    const evidence = [evidenceOfEnd(t, as, now)];
    const settled = await deps.settle(
      t.shard,
      settleItem(connection, { target: t.id, evidence, poll: releaseOf(claimed, left) }),
    );
    if (!settled.lost) countEnded(tally, t.id, as);
  } catch (error) {
    // Its lease runs out, and it is tried again; its neighbours end all the same.
    if (isUnavailable(error)) throw error;
    deps.log.error({ err: error, transaction_id: publicId("transaction", t.id) }, "a transaction cannot be ended");
    tally.errors += 1;
  }
}

/**
 * Ends what a shard's schedule says is over. A lane has asked what could be asked: who gives up does so whether it was asked or not;
 * what expires is asked first, and a throttled question is waited for. `expiredOnly` leaves giving up to passes.
 */
export async function endOverdue(
  deps: Pick<ReconcileDeps, "sql" | "settle" | "connectionOf" | "providers" | "log">,
  shard: number,
  scope: EndScope,
  tally: PassCounter,
): Promise<{ rung: number }> {
  let rung = 0;
  for (;;) {
    const claimed = (await deps.sql.begin(tx => claimOverdue(tx, shard, batchMax, scope))) as ClaimedPoll[];
    if (claimed.length === 0) return { rung };
    for (const connectionId of new Set(claimed.map(c => c.transaction.connectionId))) {
      const places = claimed.filter(c => c.transaction.connectionId === connectionId);
      const connection = await deps.connectionOf(shard, connectionId);
      if (!connection) throw new Error(`connection ${connectionId} has places in the schedule but no row`);
      const { endings, back, now } = await sortOut(deps, connection, places);
      rung += back.filter(b => b.urgent).length;
      await Promise.all(endings.map(ending => endTransaction(deps, connection, ending, now, tally)));
    }
  }
}

async function sortOut(
  { sql, providers }: Pick<ReconcileDeps, "sql" | "providers">,
  connection: Connection,
  places: ClaimedPoll[],
): Promise<{ endings: DueEnding[]; back: PollRelease[]; now: Date }> {
  const { shard, id } = connection;
  return (await sql.begin(async tx => {
    const locked = await lockCallLimits(tx, shard, id);
    const { limits, now } = locked;
    const isRefused = limits.pauseReason === "credentials" && limits.pausedUntil !== null && limits.pausedUntil > now;
    const times = pollTimesOf(connection.settings);
    const endings: DueEnding[] = [];
    const back: PollRelease[] = [];
    for (const claimed of places) {
      const t = claimed.transaction;
      const step = nextAction(claimed, connection, providers.get(connection.provider), locked, times, now);
      const ending = endStatusAt(t, times, now);
      if (step.do === "drop") back.push(releaseOf(claimed, { dueAt: null }));
      else if (isFinal(t.status)) back.push(releaseOf(claimed, { dueAt: now, endsAt: noEnd, urgent: true }));
      // Its connection was given other times since.
      else if (ending === null)
        back.push(releaseOf(claimed, { dueAt: nextPollTime(t, times, now), endsAt: endTimeOf(t, times) }));
      else if (step.do === "ask" && ending === "expired" && !isRefused) {
        back.push(releaseOf(claimed, { dueAt: now, endsAt: new Date(now.getTime() + lookAgainMs), urgent: true }));
      } else endings.push({ claimed, as: ending });
    }
    await releasePolls(tx, shard, back);
    return { endings, back, now };
  })) as { endings: DueEnding[]; back: PollRelease[]; now: Date };
}
