import { clockFrom } from "../../database/clock.ts";
import { publicId } from "../../domain/ids.ts";
import { baseUrlOf } from "../../providers/base-url.ts";
import type { PollRequest, StatusAnswer } from "../../providers/status.ts";
import { callProvider } from "../calls/call-provider.ts";
import { callContext, type ProviderAccount } from "../calls/provider-account.ts";
import type { ReconcileDeps } from "../deps.ts";
import type { ClaimedPoll } from "./claimed-poll.ts";
import type { PollResult } from "./poll-result.ts";
import { settleAnswer } from "./settle-answer.ts";

/**
 * Polls the status of one claimed transaction and settles the answer. Rejects only where the database is unavailable;
 * the lease then expires.
 */
export async function pollTransaction(
  deps: ReconcileDeps,
  account: ProviderAccount,
  claimed: ClaimedPoll,
  claimedAt: Date,
): Promise<PollResult> {
  const startedMs = performance.now();
  const clock = clockFrom(claimedAt);
  const answer = await callStatus(deps, account, claimed, claimedAt);
  const result = await settleAnswer(deps, account, claimed, answer, { polledAt: claimedAt, now: clock() });
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
): Promise<StatusAnswer> {
  const status = account.provider.status!;
  const context = callContext(account, now);
  const { kind, refs, createdAt } = claimed.transaction;
  const request: PollRequest = {
    ...context,
    kind,
    refs,
    createdAt,
    provisionalSince: claimed.provisionalSince,
    receiptInDoubt: null,
  };
  return await callProvider(deps, account, context, send => status.poll(request, send));
}
