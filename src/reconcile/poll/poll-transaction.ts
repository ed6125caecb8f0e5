import { randomUUID } from "node:crypto";
import { isUnavailable } from "../../database/unavailable.ts";
import { publicId } from "../../domain/ids.ts";
import { isFinal } from "../../domain/kinds.ts";
import type { CallContext, CallFailure, Send } from "../../providers/call.ts";
import type { PollRequest, StatusAnswer } from "../../providers/provider.ts";
import { releasePolls } from "../../schedule/queue-store.ts";
import { settleItem } from "../../settle/item.ts";
import type { AccessTokens, TokenAnswer } from "../calls/access-tokens.ts";
import { recordCallOutcome, reserveCalls } from "../calls/call-limits-store.ts";
import { disablePolling } from "../calls/disable-polling.ts";
import { apiUrlOf, type ProviderAccount } from "../calls/provider-account.ts";
import { recordFailure } from "../calls/record-failure.ts";
import { createSend } from "../calls/send.ts";
import type { ReconcileDeps } from "../deps.ts";
import { callRatePerMinute } from "./claim-polls.ts";
import { leaseS } from "./claim-store.ts";
import type { ClaimedPoll } from "./claimed-poll.ts";
import { nextPoll } from "./next-poll.ts";
import { evidenceOfAnswer } from "./poll-evidence.ts";
import type { PollResult } from "./poll-result.ts";
import { requeueDeferredAnswers } from "./requeue-store.ts";

/** The whole of a question fits into its lease, with time to settle. */
const attemptMs = (leaseS - 6) * 1000;

export type PollDeps = ReconcileDeps & { tokens: AccessTokens };

/** Asks about one leased transaction and settles what is heard. Rejects only where the database is gone: the lease then runs out. */
export async function pollTransaction(
  deps: PollDeps,
  asker: ProviderAccount,
  claimed: ClaimedPoll,
  claimedAt: Date,
): Promise<PollResult> {
  const started = performance.now();
  const clock = () => new Date(claimedAt.getTime() + performance.now() - started);
  const answer = await pollProvider(deps, asker, claimed, claimedAt);
  const asked = await conclude(deps, asker, claimed, answer, claimedAt, clock());
  const ms = performance.now() - started;
  deps.telemetry.publish("poll.finished", () => ({
    provider: asker.provider.id,
    connectionId: asker.connection.id,
    url: apiUrlOf(asker),
    kind: claimed.transaction.kind,
    transactionId: claimed.transaction.id,
    outcome: asked.outcome,
    ms,
  }));
  deps.log.debug(
    {
      transaction_id: publicId("transaction", claimed.transaction.id),
      provider: asker.provider.id,
      outcome: asked.outcome,
      detail: asked.detail,
      ms: Math.round(ms),
    },
    "a provider was asked",
  );
  return asked;
}

async function pollProvider(
  deps: PollDeps,
  asker: ProviderAccount,
  claimed: ClaimedPoll,
  now: Date,
): Promise<StatusAnswer> {
  const { connection, provider } = asker;
  const account: CallContext = {
    environment: connection.environment,
    credentials: connection.credentials,
    settings: connection.settings,
    callbackUrls: asker.callbackUrls,
    now,
  };
  const { kind, refs, createdAt } = claimed.transaction;
  const question: PollRequest = { ...account, kind, refs, createdAt, provisionalSince: claimed.provisionalSince };
  const first = callsOf(deps, asker, account, null);
  const answer = await provider.status!.poll(question, first.send);
  if (answer.kind !== "credentials-refused" || !answer.token || first.token() === null) return answer;
  // Once: a second refusal is about something else than the token.
  if (!(await mayCallAgain(deps, asker))) return { kind: "throttled", retryAfterS: null };
  return await provider.status!.poll(question, callsOf(deps, asker, account, first.token()).send);
}

/** Calls under the connection's token; `token` is the one that was used last. `refused`: one that must not be used again. */
export function callsOf(
  deps: PollDeps,
  asker: ProviderAccount,
  account: CallContext,
  refused: string | null,
): { send: Send; token: () => string | null } {
  const { connection, provider } = asker;
  let used: string | null = null;
  const signal = AbortSignal.timeout(attemptMs);
  const send = createSend(deps, connection, provider, {
    signal,
    mayCallAgain: () => mayCallAgain(deps, asker),
    token: async () => {
      const answer = await tokenFor(deps, asker, account, refused, signal);
      if (answer.kind === "token") used = answer.token;
      return answer;
    },
  });
  return { send, token: () => used };
}

/** Requests for a token are not counted against the allowance of status calls, and go without a token. */
async function tokenFor(
  deps: PollDeps,
  { connection, provider }: ProviderAccount,
  account: CallContext,
  refused: string | null,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  if (provider.token === null) return { kind: "unavailable", reason: "the provider has no tokens" };
  const none: CallFailure = { kind: "unavailable", reason: "a token cannot need a token" };
  const send = createSend(deps, connection, provider, {
    signal,
    mayCallAgain: async () => true,
    token: async () => none,
  });
  return await deps.tokens.get(connection, provider, account, send, refused);
}

async function mayCallAgain({ sql }: PollDeps, { connection, provider }: ProviderAccount): Promise<boolean> {
  const allowed = await reserveCalls(sql, connection.shard, connection.id, callRatePerMinute(connection, provider), 1);
  return allowed.kind === "allowed";
}

async function conclude(
  deps: PollDeps,
  asker: ProviderAccount,
  claimed: ClaimedPoll,
  answer: StatusAnswer,
  askedAt: Date,
  now: Date,
): Promise<PollResult> {
  const { connection } = asker;
  const { shard } = connection;
  const next = nextPoll(claimed, connection, answer, now);
  if (answer.kind === "throttled" || answer.kind === "credentials-refused" || answer.kind === "unavailable") {
    const heldStill = await recordFailure(deps, asker, answer);
    await deps.sql.begin(tx => releasePolls(tx, shard, [next]));
    return heldStill;
  }
  await recordCallOutcome(deps.sql, shard, connection.id, { kind: "answered" });
  const t = claimed.transaction;
  const evidence = evidenceOfAnswer(answer, t, randomUUID(), now);
  const item = settleItem(connection, { target: t.id, evidence, poll: next });
  const settled = await deps.settle(shard, item).catch(error => refused(deps, error, t));
  if (settled === null) {
    // Otherwise it would be asked again as soon as its lease has run out, and again.
    const later = nextPoll(claimed, connection, { kind: "unavailable", reason: "not settled" }, now);
    await deps.sql.begin(tx => releasePolls(tx, shard, [{ ...later, urgent: false }]));
    return { outcome: "unavailable", detail: "the answer could not be settled", retryAfterS: null };
  }
  if (settled.lost) return { outcome: "lost", detail: "somebody else asked meanwhile", retryAfterS: null };
  if (answer.kind === "asked")
    await requeueDeferredAnswers(deps.sql, shard, connection.id, answer.conversation, askedAt);
  if (answer.kind === "stop") {
    await disablePolling(deps, asker, t.kind, answer.reason);
    return { outcome: "stopped", detail: answer.reason, retryAfterS: null };
  }
  const outcome = settled.statuses.some(isFinal) ? "settled" : "pending";
  return { outcome, detail: "answered", retryAfterS: null };
}

/** An answer that the database does not take costs its neighbours nothing; a database that is away is everybody's trouble. */
function refused({ log }: PollDeps, error: unknown, t: { id: string }): null {
  if (isUnavailable(error)) throw error;
  log.error({ err: error, transaction_id: publicId("transaction", t.id) }, "an answer cannot be settled");
  return null;
}
