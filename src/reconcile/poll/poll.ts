import { randomUUID } from "node:crypto";
import { isAwayError } from "../../database/unavailable.ts";
import { publicId } from "../../domain/ids.ts";
import { isFinal } from "../../domain/kinds.ts";
import type { Account, Send, Trouble } from "../../providers/call.ts";
import type { Question, StatusAnswer } from "../../providers/provider.ts";
import { giveBack } from "../../schedule/queue-store.ts";
import type { TokenAnswer, Tokens } from "../calls/access-tokens.ts";
import { noteHeard, takeCalls } from "../calls/call-limits-store.ts";
import { stopAsking } from "../calls/disable-polling.ts";
import type { Asker } from "../calls/provider-account.ts";
import { hearTrouble } from "../calls/record-failure.ts";
import { createSend } from "../calls/send.ts";
import type { ReconcileDeps } from "../deps.ts";
import { afterAnswer } from "./after-answer.ts";
import { rateOf } from "./claim-polls.ts";
import { leaseS } from "./claim-store.ts";
import type { Claimed } from "./claimed-poll.ts";
import { evidenceOfAnswer } from "./evidence.ts";
import type { Asked } from "./poll-result.ts";
import { requeueAnswers } from "./requeue-store.ts";

/** The whole of a question fits into its lease, with time to settle. */
const attemptMs = (leaseS - 6) * 1000;

export type AskDeps = ReconcileDeps & { tokens: Tokens };

/** Asks about one leased transaction and settles what is heard. Rejects only where the database is gone: the lease then runs out. */
export async function ask(deps: AskDeps, asker: Asker, claimed: Claimed, claimedAt: Date): Promise<Asked> {
  const started = performance.now();
  const clock = () => new Date(claimedAt.getTime() + performance.now() - started);
  const answer = await askProvider(deps, asker, claimed, claimedAt);
  const asked = await conclude(deps, asker, claimed, answer, claimedAt, clock());
  const ms = performance.now() - started;
  deps.onAsked?.(asker.provider.id, asked.word, ms, asker, claimed.transaction);
  deps.log.debug(
    {
      transaction_id: publicId("transaction", claimed.transaction.id),
      provider: asker.provider.id,
      outcome: asked.word,
      detail: asked.detail,
      ms: Math.round(ms),
    },
    "a provider was asked",
  );
  return asked;
}

async function askProvider(deps: AskDeps, asker: Asker, claimed: Claimed, now: Date): Promise<StatusAnswer> {
  const { connection, provider } = asker;
  const account: Account = {
    environment: connection.environment,
    credentials: connection.credentials,
    settings: connection.settings as Record<string, unknown>,
    callbackUrls: asker.callbackUrls,
    now,
  };
  const { kind, refs, createdAt } = claimed.transaction;
  const question: Question = { ...account, kind, refs, createdAt, provisionalSince: claimed.provisionalSince };
  const first = callsOf(deps, asker, account, null);
  const answer = await provider.status!.ask(question, first.send);
  if (answer.kind !== "credentials-refused" || !answer.token || first.token() === null) return answer;
  // Once: a second refusal is about something else than the token.
  if (!(await mayCallAgain(deps, asker))) return { kind: "throttled", retryAfterS: null };
  return await provider.status!.ask(question, callsOf(deps, asker, account, first.token()).send);
}

/** Calls under the connection's token; `token` is the one that was used last. `refused`: one that must not be used again. */
export function callsOf(
  deps: AskDeps,
  asker: Asker,
  account: Account,
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
  deps: AskDeps,
  { connection, provider }: Asker,
  account: Account,
  refused: string | null,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  if (provider.token === null) return { kind: "unavailable", reason: "the provider has no tokens" };
  const none: Trouble = { kind: "unavailable", reason: "a token cannot need a token" };
  const send = createSend(deps, connection, provider, {
    signal,
    mayCallAgain: async () => true,
    token: async () => none,
  });
  return await deps.tokens.get(connection, provider, account, send, refused);
}

async function mayCallAgain({ sql }: AskDeps, { connection, provider }: Asker): Promise<boolean> {
  const allowed = await takeCalls(sql, connection.shard, connection.id, rateOf(connection, provider), 1);
  return allowed.kind === "allowed";
}

async function conclude(
  deps: AskDeps,
  asker: Asker,
  claimed: Claimed,
  answer: StatusAnswer,
  askedAt: Date,
  now: Date,
): Promise<Asked> {
  const { connection } = asker;
  const { shard } = connection;
  const next = afterAnswer(claimed, connection, answer, now);
  if (answer.kind === "throttled" || answer.kind === "credentials-refused" || answer.kind === "unavailable") {
    const heldStill = await hearTrouble(deps, asker, answer);
    await deps.sql.begin(tx => giveBack(tx, shard, [next]));
    return heldStill;
  }
  await noteHeard(deps.sql, shard, connection.id, { kind: "answered" });
  const t = claimed.transaction;
  const evidence = evidenceOfAnswer(answer, t, randomUUID(), now);
  const item = { connection, callback: null, registration: null, target: t.id, messages: [], problems: [] };
  const settled = await deps.settle(shard, { ...item, evidence, ask: next }).catch(error => refused(deps, error, t));
  if (settled === null) {
    // Otherwise it would be asked again as soon as its lease has run out, and again.
    const later = afterAnswer(claimed, connection, { kind: "unavailable", reason: "not settled" }, now);
    await deps.sql.begin(tx => giveBack(tx, shard, [{ ...later, urgent: false }]));
    return { word: "unavailable", detail: "the answer could not be settled", retryAfterS: null };
  }
  if (settled.lost) return { word: "lost", detail: "somebody else asked meanwhile", retryAfterS: null };
  if (answer.kind === "asked") await requeueAnswers(deps.sql, shard, connection.id, answer.conversation, askedAt);
  if (answer.kind === "stop") {
    await stopAsking(deps, asker, t.kind, answer.reason);
    return { word: "stopped", detail: answer.reason, retryAfterS: null };
  }
  const word = settled.statuses.some(isFinal) ? "settled" : "pending";
  return { word, detail: "answered", retryAfterS: null };
}

/** An answer that the database does not take costs its neighbours nothing; a database that is away is everybody's trouble. */
function refused({ log }: AskDeps, error: unknown, t: { id: string }): null {
  if (isAwayError(error)) throw error;
  log.error({ err: error, transaction_id: publicId("transaction", t.id) }, "an answer cannot be settled");
  return null;
}
