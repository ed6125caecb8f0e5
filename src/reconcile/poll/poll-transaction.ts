import { clockFrom } from "../../database/clock.ts";
import { publicId } from "../../domain/ids.ts";
import { baseUrlOf } from "../../providers/base-url.ts";
import type { PollRequest, StatusAnswer } from "../../providers/status.ts";
import { callProvider } from "../calls/call-provider.ts";
import { callContext, type ProviderAccount } from "../calls/provider-account.ts";
import type { ReconcileDeps } from "../deps.ts";
import { callTimeMs, type PassTime } from "../pass-time.ts";
import type { ClaimedPoll } from "./claimed-poll.ts";
import type { PollResult } from "./poll-result.ts";
import { settleAnswer } from "./settle-answer.ts";

/**
 * Polls the status of one claimed transaction and settles the answer. The call ends with the pass, where one is given.
 * Rejects only where the database is unavailable.
 */
export async function pollTransaction(
  deps: ReconcileDeps,
  account: ProviderAccount,
  claimed: ClaimedPoll,
  claimedAt: Date,
  time?: Pick<PassTime, "callsEndMs">,
): Promise<PollResult> {
  const startedMs = performance.now();
  const clock = clockFrom(claimedAt);
  const answer = await callStatus(deps, account, claimed, claimedAt, time && callTimeMs(time));
  const latencyMs = performance.now() - startedMs;
  const times = { polledAt: claimedAt, now: clock(), latencyMs };
  const result = await settleAnswer(deps, account, claimed, answer, times);
  const ms = performance.now() - startedMs;
  deps.telemetry.publish("poll.finished", () => ({
    provider: account.provider.id,
    connectionId: account.connection.id,
    url: baseUrlOf(account.provider, account.connection),
    kind: claimed.transaction.kind,
    transactionId: claimed.transaction.id,
    outcome: result.outcome,
    ms,
  }));
  deps.log.debug(
    {
      transaction_id: publicId("transaction", claimed.transaction.id),
      provider: account.provider.id,
      outcome: result.outcome,
      detail: result.detail,
      ms: Math.round(ms),
    },
    "status polled",
  );
  return result;
}

async function callStatus(
  deps: ReconcileDeps,
  account: ProviderAccount,
  claimed: ClaimedPoll,
  now: Date,
  timeMs: number | undefined,
): Promise<StatusAnswer> {
  const status = account.provider.status!;
  const context = callContext(account, now);
  const { kind, refs, createdAt } = claimed.transaction;
  const { receiptInDoubt } = claimed;
  // The doubt in a first failure is about a prompt that is open; that of a finished transaction is over.
  const provisionalSince = claimed.provisionalSince ?? (claimed.isAudit ? createdAt : null);
  const request: PollRequest = { ...context, kind, refs, createdAt, provisionalSince, receiptInDoubt };
  return await callProvider(deps, account, context, send => status.poll(request, send), {
    ...(timeMs !== undefined && { timeMs }),
  });
}
