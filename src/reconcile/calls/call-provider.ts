import type { CallContext, CallFailure, Send } from "../../providers/call.ts";
import type { TokenAnswer } from "./access-tokens.ts";
import type { CallDeps } from "./call-deps.ts";
import { reserveCalls } from "./call-limits-store.ts";
import type { ProviderAccount } from "./provider-account.ts";
import { createSend } from "./send.ts";

/**
 * Longest time of one provider call in ms: token, retries and the second run included. Leases under which calls are
 * made are longer.
 */
export const callMaxMs = 24_000;

export type CallOptions = {
  /** Longest time of the whole. */
  timeMs?: number;
  /** Whether HTTP calls are repeated after network failures and a gateway's errors. */
  retries?: boolean;
  /** Whether repetitions count against the account's limits of status calls. */
  limited?: boolean;
};

/**
 * Runs one provider call for an account. `run` makes its HTTP calls with `send`, which adds an access token of the
 * account. Where the provider refuses the token, `run` is repeated once with a new one: a second refusal has another
 * cause. Every repetition counts against the account's limits. The first call is reserved by the caller. The whole
 * takes `timeMs` at most. Rejects only where the database is unavailable.
 */
export async function callProvider<Answer extends { kind: string }>(
  deps: CallDeps,
  account: ProviderAccount,
  context: CallContext,
  run: (send: Send) => Promise<Answer | CallFailure>,
  { timeMs = callMaxMs, retries = true, limited = true }: CallOptions = {},
): Promise<Answer | CallFailure> {
  const signal = AbortSignal.timeout(Math.min(timeMs, callMaxMs));
  const mayCall = () => (limited ? mayCallAgain(deps, account) : Promise.resolve(true));
  let used: { name: string | null; token: string } | null = null;
  const sendWithout = (refused: typeof used) =>
    createSend(deps.egress, account, {
      signal,
      retries,
      mayRetry: mayCall,
      token: async name => {
        const refusedToken = refused?.name === name ? refused.token : null;
        const answer = await accessToken(deps, account, name, context, refusedToken, signal);
        if (answer.kind === "token") used = { name, token: answer.token };
        return answer;
      },
    });
  const answer = await run(sendWithout(null));
  if (!isTokenRefused(answer) || used === null) return answer;
  if (!(await mayCall())) return { kind: "throttled", retryAfterS: null };
  return await run(sendWithout(used));
}

function isTokenRefused(answer: { kind: string } | CallFailure): boolean {
  return answer.kind === "credentials-refused" && "token" in answer && answer.token;
}

/**
 * An access token of an account; `name` is null for the one of Provider.token. Token requests carry no token, and do
 * not count against the limits of status calls.
 */
export async function accessToken(
  deps: CallDeps,
  account: ProviderAccount,
  name: string | null,
  context: CallContext,
  refusedToken: string | null = null,
  signal: AbortSignal = AbortSignal.timeout(callMaxMs),
): Promise<TokenAnswer> {
  const { token, tokens = {} } = account.provider;
  const call = name === null ? token : (tokens[name] ?? null);
  if (call === null) return { kind: "unavailable", reason: "the provider has no such token" };
  const none: CallFailure = { kind: "unavailable", reason: "a token cannot need a token" };
  const send = createSend(deps.egress, account, { signal, mayRetry: async () => true, token: async () => none });
  return await deps.tokens.get({ account, name, call }, context, send, refusedToken);
}

async function mayCallAgain({ sql }: CallDeps, account: ProviderAccount): Promise<boolean> {
  return (await reserveCalls(sql, account, 1)).kind === "allowed";
}
