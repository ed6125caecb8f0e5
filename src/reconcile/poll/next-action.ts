import type { Connection } from "../../connections/connection.ts";
import { isFinal } from "../../domain/kinds.ts";
import { whyNotPoll } from "../../providers/can-poll.ts";
import type { Provider } from "../../providers/provider.ts";
import { endStatusAt, endTimeOf, isScheduled, nextPollTime, type PollTimes } from "../../schedule/poll-times.ts";
import type { CallLimits } from "../calls/call-limits.ts";
import type { ClaimedPoll } from "./claimed-poll.ts";

/** What to do with a claimed poll. */
export type NextAction =
  | { action: "poll" }
  /** The schedule ends the transaction. */
  | { action: "end"; as: "expired" | "unresolved" }
  | { action: "wait"; until: Date }
  /** The transaction left the schedule: remove the entry. */
  | { action: "remove" };

/** What may prevent polls of a connection, beside missing credentials and provider ids. */
export type PollingState = { limits: Pick<CallLimits, "stopped">; isDeleted: boolean };

/** How long after a provisional failure a transaction is polled although the time to give up has come. */
const provisionalGraceMs = 600_000;

/** Pure. Reasons to poll: an unused poll time, a requested poll, an end without a poll after it. */
export function nextAction(
  claimed: ClaimedPoll,
  connection: Connection,
  provider: Provider | undefined,
  state: PollingState,
  times: PollTimes,
  now: Date,
): NextAction {
  const t = claimed.transaction;
  if (t.mergedInto !== null || (!isScheduled(t) && !claimed.wasUrgent && !claimed.isAudit)) return { action: "remove" };
  const obstacle = provider ? whyNotPollNow(provider, connection, state, t) : unknownProvider;
  if (isFinal(t.status)) return { action: obstacle === null ? "poll" : "remove" };
  const endStatus = endStatusAt(t, times, now);
  if (obstacle !== null) {
    if (endStatus !== null) return { action: "end", as: endStatus };
    return { action: "wait", until: obstacle.mayPass ? nextPollTime(t, times, now) : endTimeOf(t, times) };
  }
  if (endStatus === null || claimed.wasUrgent) return { action: "poll" };
  if (endStatus === "unresolved" && hasRecentProvisionalFailure(claimed, now)) return { action: "poll" };
  const lastReasonAt = endStatus === "expired" ? t.expiresAt : lastPollTime(claimed, times);
  const isPolledSince = lastReasonAt === null || (claimed.polledAt !== null && claimed.polledAt >= lastReasonAt);
  return isPolledSince ? { action: "end", as: endStatus } : { action: "poll" };
}

/** `mayPass`: the obstacle may be gone later, once the transaction has other ids or the connection is changed. */
type Obstacle = { detail: string; mayPass: boolean };
const unknownProvider: Obstacle = { detail: "This version does not know the provider.", mayPass: false };

/** Why a transaction cannot be polled now, as a sentence for the API; null where it can. */
export function whyNotPollNow(
  provider: Provider,
  connection: Connection,
  state: PollingState,
  t: Pick<ClaimedPoll["transaction"], "kind" | "refs">,
): Obstacle | null {
  const forKind = whyNotPoll(provider, t.kind, connection.credentials);
  if (forKind !== null) return { detail: forKind, mayPass: false };
  if (state.isDeleted) return { detail: "The connection was deleted.", mayPass: false };
  const stop = state.limits.stopped[t.kind];
  if (stop !== undefined) return { detail: `Polling was disabled: ${stop.reason}.`, mayPass: true };
  const forIds = whyNotPoll(provider, t.kind, connection.credentials, t.refs);
  return forIds === null ? null : { detail: forIds, mayPass: true };
}

function hasRecentProvisionalFailure({ provisionalSince }: ClaimedPoll, now: Date): boolean {
  return provisionalSince !== null && now.getTime() - provisionalSince.getTime() < provisionalGraceMs;
}

function lastPollTime({ transaction }: ClaimedPoll, { pollAfterS }: PollTimes): Date | null {
  const last = pollAfterS.at(-1);
  return last === undefined ? null : new Date(transaction.createdAt.getTime() + last * 1000);
}
