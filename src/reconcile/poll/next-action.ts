import type { Connection } from "../../connections/connection.ts";
import { isFinal } from "../../domain/kinds.ts";
import { whyNotPoll } from "../../providers/can-poll.ts";
import type { Provider } from "../../providers/provider.ts";
import { endStatusAt, endTimeOf, isScheduled, nextPollTime, type PollTimes } from "../../schedule/poll-times.ts";
import type { CallLimits } from "../calls/call-limits.ts";
import type { ClaimedPoll } from "./claimed-poll.ts";

/** What is to be done with a claimed place. */
export type NextAction =
  | { do: "ask" }
  /** The schedule ends it. */
  | { do: "end"; as: "expired" | "unresolved" }
  | { do: "wait"; until: Date }
  /** It has no business in the schedule any more. */
  | { do: "drop" };

/** What else than credentials and ids may keep a connection from being asked. */
export type PollingState = { limits: Pick<CallLimits, "stopped">; isDeleted: boolean };

/** How long a failure that was not believed is worth another question, although the time to give up has come. */
const doubtMs = 600_000;

/** Pure. A slot that was not used, a ring, or an end that came without a last question is a reason to ask. */
export function nextAction(
  claimed: ClaimedPoll,
  connection: Connection,
  provider: Provider | undefined,
  state: PollingState,
  times: PollTimes,
  now: Date,
): NextAction {
  const t = claimed.transaction;
  if (t.mergedInto !== null || (!isScheduled(t) && !claimed.wasUrgent)) return { do: "drop" };
  const problem = provider ? whyNotPollNow(provider, connection, state, t) : noProvider;
  if (isFinal(t.status)) return problem === null ? { do: "ask" } : { do: "drop" };
  const ending = endStatusAt(t, times, now);
  if (problem !== null) {
    if (ending !== null) return { do: "end", as: ending };
    return { do: "wait", until: problem.mayPass ? nextPollTime(t, times, now) : endTimeOf(t, times) };
  }
  if (ending === null || claimed.wasUrgent) return { do: "ask" };
  const isDoubted = claimed.provisionalSince !== null && now.getTime() - claimed.provisionalSince.getTime() < doubtMs;
  const lastReason = ending === "expired" ? t.expiresAt! : lastSlot(claimed, times);
  const isAsked = lastReason === null || (claimed.polledAt !== null && claimed.polledAt >= lastReason);
  return isAsked && !(isDoubted && ending === "unresolved") ? { do: "end", as: ending } : { do: "ask" };
}

type WhyNot = { detail: string; mayPass: boolean };
const noProvider: WhyNot = { detail: "This version does not know the provider.", mayPass: false };

/** Why a transaction cannot be asked about, and whether it may be later, once it has other ids; null where it can. */
export function whyNotPollNow(
  provider: Provider,
  connection: Connection,
  state: PollingState,
  t: Pick<ClaimedPoll["transaction"], "kind" | "refs">,
): WhyNot | null {
  const general = whyNotPoll(provider, t.kind, connection.credentials);
  if (general !== null) return { detail: general, mayPass: false };
  if (state.isDeleted) return { detail: "The connection was deleted.", mayPass: false };
  const stop = state.limits.stopped[t.kind];
  if (stop !== undefined) return { detail: `Asking was stopped: ${stop.reason}.`, mayPass: true };
  const refs = whyNotPoll(provider, t.kind, connection.credentials, t.refs);
  return refs === null ? null : { detail: refs, mayPass: true };
}

function lastSlot({ transaction }: ClaimedPoll, { pollAfterS }: PollTimes): Date | null {
  const last = pollAfterS.at(-1);
  return last === undefined ? null : new Date(transaction.createdAt.getTime() + last * 1000);
}
