import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import { publicId } from "../../domain/ids.ts";
import type { CallContext, CallFailure, Send } from "../../providers/call.ts";
import type { ProviderAccount } from "./provider-account.ts";
import { leaseToken, readToken, releaseToken, type StoredToken, storeToken } from "./token-store.ts";

export type TokenAnswer = { kind: "token"; token: string } | CallFailure;

export type AccessTokens = {
  /**
   * The account's access token. `refusedToken` is one that the provider refused: another one is returned, fetched where
   * no process has fetched it yet. `send` makes the call that fetches it.
   */
  get(account: ProviderAccount, context: CallContext, send: Send, refusedToken: string | null): Promise<TokenAnswer>;
};

type TokenDeps = { sql: Sql; box: SecretBox; log: Logger };

type TokenRequest = {
  account: ProviderAccount;
  context: CallContext;
  send: Send;
  refusedToken: string | null;
  /** See `originOf`. */
  origin: string;
};

/** A token is refreshed when a fifth of its life is left, at most five minutes. */
const refreshEarlyShare = 0.2;
const refreshEarlyMaxS = 300;
/** How long, and how often, a token is looked for that another process is fetching. */
const otherProcessWaitMs = 15_000;
const otherProcessPollMs = 100;

/**
 * One token per connection, shared by all processes through the database and fetched by one of them at a time: a new
 * token makes the last one invalid. During an early refresh the other processes use the old token. No network call runs
 * inside a database transaction.
 */
export function createAccessTokens(deps: TokenDeps): AccessTokens {
  const inFlight = new Map<string, Promise<TokenAnswer>>();
  return {
    get(account, context, send, refusedToken) {
      const origin = originOf(account);
      // Calls that run at the same time in this process share one look-up.
      const key = `${account.connection.id}|${origin}|${refusedToken === null ? "" : digest(refusedToken)}`;
      const current = inFlight.get(key);
      if (current) return current;
      const request = { account, context, send, refusedToken, origin };
      const lookUp = findOrFetch(deps, request).finally(() => inFlight.delete(key));
      inFlight.set(key, lookUp);
      return lookUp;
    },
  };
}

async function findOrFetch(deps: TokenDeps, request: TokenRequest): Promise<TokenAnswer> {
  const { shard, id } = request.account.connection;
  const untilMs = performance.now() + otherProcessWaitMs;
  for (;;) {
    const stored = await usableToken(deps, request);
    if (stored?.isFresh) return { kind: "token", token: stored.token };
    const leaseId = await leaseToken(deps.sql, shard, id);
    if (leaseId !== null) {
      const answer = await fetchUnderLease(deps, request, leaseId);
      if (answer !== "lease-lost") return answer;
      continue;
    }
    if (stored) return { kind: "token", token: stored.token };
    if (performance.now() > untilMs) return { kind: "unavailable", reason: "another process is fetching the token" };
    await pause(otherProcessPollMs);
  }
}

async function fetchUnderLease(
  deps: TokenDeps,
  request: TokenRequest,
  leaseId: string,
): Promise<TokenAnswer | "lease-lost"> {
  const { connection, provider } = request.account;
  const { shard, id } = connection;
  try {
    const stored = await usableToken(deps, request);
    if (stored?.isFresh) return { kind: "token", token: stored.token };
    const fetched = await fetchToken(request);
    if (fetched.kind !== "token") return stored ? { kind: "token", token: stored.token } : fetched;
    const { token, expiresInS } = fetched;
    const refreshInS = Math.max(expiresInS - Math.min(refreshEarlyMaxS, expiresInS * refreshEarlyShare), 1);
    const sealed = deps.box.seal(token, sealContext.accessToken(id));
    const next = { token: sealed, origin: request.origin, refreshInS, expiresInS };
    if (!(await storeToken(deps.sql, shard, id, leaseId, next))) return "lease-lost";
    deps.log.info(
      { connection_id: publicId("connection", id), provider: provider.id, expires_in_s: expiresInS },
      "access token refreshed",
    );
    return { kind: "token", token };
  } finally {
    await releaseToken(deps.sql, shard, id, leaseId);
  }
}

async function fetchToken({ account, context, send }: TokenRequest) {
  const call = account.provider.token!;
  const answer = await send(call.request(context));
  return answer.kind === "answer" ? call.read(answer, context.now) : answer;
}

/** The stored token, opened; null where it has expired, was refused, or was fetched with other credentials. */
async function usableToken(
  { sql, box }: TokenDeps,
  { account, refusedToken, origin }: TokenRequest,
): Promise<StoredToken | null> {
  const { shard, id } = account.connection;
  const stored = await readToken(sql, shard, id);
  if (!stored?.isLive || stored.origin !== origin) return null;
  const token = box.open(stored.token, sealContext.accessToken(id));
  return token === refusedToken ? null : { ...stored, token };
}

/** A token is valid for the credentials, the environment and the base URL that it was fetched with. */
function originOf({ connection, provider }: ProviderAccount): string {
  const { baseUrl, environment, credentials } = connection;
  const names = [...new Set(provider.token!.credentials.flat())].sort();
  return digest(JSON.stringify([baseUrl, environment, names.map(name => credentials[name] ?? null)]));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
