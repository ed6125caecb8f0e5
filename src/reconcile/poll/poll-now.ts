import { setTimeout as pause } from "node:timers/promises";
import type { Transaction } from "../../domain/transaction.ts";
import { endTimeOf, isScheduled, noEnd, pollTimesOf } from "../../schedule/poll-times.ts";
import { findTransaction } from "../../settle/transaction-store.ts";
import {
  type CallLimits,
  callRatePerMinute,
  callsAllowed,
  initialCallLimits,
  withReservedCalls,
} from "../calls/call-limits.ts";
import { lockCallLimits, writeCallLimits } from "../calls/call-limits-store.ts";
import { loadProviderAccount, type ProviderAccount } from "../calls/provider-account.ts";
import type { ReconcileDeps } from "../deps.ts";
import { claimForPoll, isBeingPolled } from "./claim-store.ts";
import type { ClaimedPoll } from "./claimed-poll.ts";
import { whyNotPollNow } from "./next-action.ts";
import { pollTransaction } from "./poll-transaction.ts";

export type PollNowResult =
  /** The provider answered, whatever the answer; or another worker's poll has ended. */
  | { kind: "polled" }
  | { kind: "unsupported"; detail: string }
  /** The provider refused the call: `detail` has its own code and words. */
  | { kind: "refused"; detail: string }
  | { kind: "throttled"; retryAfterS: number }
  | { kind: "unavailable"; detail: string };

/** A little longer than the lease of another worker's poll. */
const otherPollWaitMs = 35_000;
const otherPollCheckMs = 100;
const retryAfterByDefaultS = 30;
/** Characters of a provider's code and words that an answer of the API repeats. */
const wordsMax = 200;

type Claim =
  | { kind: "claimed"; claimed: ClaimedPoll; now: Date }
  | { kind: "polled-elsewhere" }
  | Exclude<PollNowResult, { kind: "polled" }>;

/**
 * Polls one transaction now, on request of a person. Pauses for errors and refused credentials do not prevent it; the
 * rate limit and throttling do. One poll of a transaction runs at a time: where another worker polls it, its answer is
 * waited for.
 */
export async function pollNow(
  deps: ReconcileDeps,
  { shard, transactionId }: { shard: number; transactionId: string },
): Promise<PollNowResult> {
  const t = await findTransaction(deps.sql, shard, transactionId);
  if (t === null) return { kind: "unsupported", detail: "There is no such transaction." };
  const connection = await deps.directory.byId(shard, t.connectionId);
  const account = connection && (await loadProviderAccount(deps, connection));
  if (!account) return { kind: "unsupported", detail: "This version does not know the provider." };
  const claim = await claimTransaction(deps, account, t);
  if (claim.kind === "polled-elsewhere") return await waitForOtherPoll(deps, t);
  if (claim.kind !== "claimed") return claim;
  const result = await pollTransaction(deps, account, claim.claimed, claim.now);
  switch (result.outcome) {
    case "throttled":
      return { kind: "throttled", retryAfterS: result.retryAfterS ?? retryAfterByDefaultS };
    case "refused":
    case "credentials-refused":
      return { kind: "refused", detail: `The provider refused the call: ${result.detail.slice(0, wordsMax)}` };
    case "unavailable":
      return { kind: "unavailable", detail: `The provider gave no usable answer: ${result.detail}.` };
    default:
      return { kind: "polled" };
  }
}

/** Leases the transaction's entry and reserves a call, in one database transaction. */
async function claimTransaction(
  { sql }: ReconcileDeps,
  { connection, provider }: ProviderAccount,
  t: Transaction,
): Promise<Claim> {
  const { shard, id } = connection;
  return (await sql.begin(async (tx): Promise<Claim> => {
    const locked = await lockCallLimits(tx, shard, id);
    const { limits, now } = locked;
    const obstacle = whyNotPollNow(provider, connection, locked, t);
    if (obstacle !== null) return { kind: "unsupported", detail: obstacle.detail };
    const allowed = callsAllowed(limitsForPerson(limits), callRatePerMinute(connection, provider), 1, now);
    if (allowed.kind === "refused") {
      return { kind: "throttled", retryAfterS: Math.ceil((allowed.until.getTime() - now.getTime()) / 1000) };
    }
    const endsAt = isScheduled(t) ? endTimeOf(t, pollTimesOf(connection.settings)) : noEnd;
    const entry = { transactionId: t.id, connectionId: id, dueAt: now, endsAt, urgentAfterMs: null };
    const claimed = await claimForPoll(tx, shard, entry);
    if (claimed === null) return { kind: "polled-elsewhere" };
    await writeCallLimits(tx, shard, id, withReservedCalls(limits, 1, false, now));
    return { kind: "claimed", claimed: { ...claimed, wasUrgent: false }, now };
  })) as Claim;
}

/** The limits without pauses for errors and refused credentials. */
function limitsForPerson(limits: CallLimits): CallLimits {
  return limits.pauseReason === "throttled" ? limits : { ...initialCallLimits, calls: limits.calls };
}

async function waitForOtherPoll({ sql }: ReconcileDeps, t: Transaction): Promise<PollNowResult> {
  const untilMs = performance.now() + otherPollWaitMs;
  while (performance.now() < untilMs) {
    if (!(await isBeingPolled(sql, t.shard, t.id))) return { kind: "polled" };
    await pause(otherPollCheckMs);
  }
  return { kind: "unavailable", detail: "Another poll of the transaction is running and has no answer yet." };
}
