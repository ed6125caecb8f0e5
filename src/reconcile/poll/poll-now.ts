import { setTimeout as pause } from "node:timers/promises";
import type { Transaction } from "../../domain/transaction.ts";
import { endTimeOf, isScheduled, noEnd, pollTimesOf } from "../../schedule/poll-times.ts";
import { findTransaction } from "../../settle/transaction-store.ts";
import { allowedNow, freshCallLimits, withCalls } from "../calls/call-limits.ts";
import { lockCallLimits, writeCallLimits } from "../calls/call-limits-store.ts";
import { loadProviderAccount, type ProviderAccount } from "../calls/provider-account.ts";
import { callRatePerMinute } from "./claim-polls.ts";
import { claimForPoll, isBeingPolled } from "./claim-store.ts";
import type { ClaimedPoll } from "./claimed-poll.ts";
import { whyNotPollNow } from "./next-action.ts";
import { type PollDeps, pollTransaction } from "./poll-transaction.ts";

export type PollNowResult =
  /** The provider answered, whatever it said; or somebody else was asking and is done. */
  | { kind: "polled" }
  | { kind: "unsupported"; detail: string }
  | { kind: "throttled"; retryAfterS: number }
  | { kind: "unavailable"; detail: string };

/** Somebody else's lease at most, and then some. */
const othersWaitMaxMs = 35_000;
const othersPollMs = 100;
const retryAfterByDefaultS = 30;

type Begun =
  | { kind: "claimed"; claimed: ClaimedPoll; now: Date }
  | { kind: "busy" }
  | Exclude<PollNowResult, { kind: "polled" }>;

/**
 * Asks the provider about one transaction now, because a person wants to know: what pauses passes for want of answers or credentials does
 * not stop it, the rate does. One call at a time goes for it too: where somebody asks already, that answer is waited for.
 */
export async function pollNow(
  deps: PollDeps,
  { shard, transactionId }: { shard: number; transactionId: string },
): Promise<PollNowResult> {
  const t = await findTransaction(deps.sql, shard, transactionId);
  if (t === null) return { kind: "unsupported", detail: "There is no such transaction." };
  const connection = await deps.connectionOf(shard, t.connectionId);
  const asker = connection && (await loadProviderAccount(deps, connection));
  if (!asker) return { kind: "unsupported", detail: "This version does not know the provider." };
  const begun = await begin(deps, asker, t);
  if (begun.kind === "busy") return await othersAnswer(deps, t);
  if (begun.kind !== "claimed") return begun;
  const asked = await pollTransaction(deps, asker, begun.claimed, begun.now);
  switch (asked.outcome) {
    case "throttled":
      return { kind: "throttled", retryAfterS: asked.retryAfterS ?? retryAfterByDefaultS };
    case "unavailable":
    case "credentials-refused":
      return { kind: "unavailable", detail: `The provider gave no usable answer: ${asked.detail}.` };
    default:
      return { kind: "polled" };
  }
}

async function begin({ sql }: PollDeps, { connection, provider }: ProviderAccount, t: Transaction): Promise<Begun> {
  const { shard, id } = connection;
  return (await sql.begin(async (tx): Promise<Begun> => {
    const locked = await lockCallLimits(tx, shard, id);
    const { limits, now } = locked;
    const problem = whyNotPollNow(provider, connection, locked, t);
    if (problem !== null) return { kind: "unsupported", detail: problem.detail };
    const paced = limits.pauseReason === "throttled" ? limits : { ...freshCallLimits, calls: limits.calls };
    const allowed = allowedNow(paced, callRatePerMinute(connection, provider), 1, now);
    if (allowed.kind === "refused") {
      return { kind: "throttled", retryAfterS: Math.ceil((allowed.until.getTime() - now.getTime()) / 1000) };
    }
    const endsAt = isScheduled(t) ? endTimeOf(t, pollTimesOf(connection.settings)) : noEnd;
    const claimed = await claimForPoll(tx, shard, {
      transactionId: t.id,
      connectionId: id,
      dueAt: now,
      endsAt,
      urgent: false,
    });
    if (claimed === null) return { kind: "busy" };
    await writeCallLimits(tx, shard, id, withCalls(limits, 1, false, now));
    return { kind: "claimed", claimed: { ...claimed, wasUrgent: false }, now };
  })) as Begun;
}

async function othersAnswer({ sql }: PollDeps, t: Transaction): Promise<PollNowResult> {
  const untilMs = performance.now() + othersWaitMaxMs;
  while (performance.now() < untilMs) {
    if (!(await isBeingPolled(sql, t.shard, t.id))) return { kind: "polled" };
    await pause(othersPollMs);
  }
  return { kind: "unavailable", detail: "Somebody else is asking, and has no answer yet." };
}
