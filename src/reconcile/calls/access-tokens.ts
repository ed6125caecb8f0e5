import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import { publicId } from "../../domain/ids.ts";
import type { CallContext, CallFailure, Send } from "../../providers/call.ts";
import type { TokenCall } from "../../providers/token.ts";
import type { ProviderAccount } from "./provider-account.ts";
import { leaseToken, readToken, releaseToken, type StoredToken, storeToken, type TokenKey } from "./token-store.ts";

export type TokenAnswer = { kind: "token"; token: string; expiresAt: Date } | CallFailure;

export type AccessTokens = {
  /**
   * One of the account's access tokens. `refusedToken` is one that the provider refused: another one is returned,
   * fetched where no process has fetched it yet. `send` makes the call that fetches it.
   */
  get(token: TokenOfAccount, context: CallContext, send: Send, refusedToken: string | null): Promise<TokenAnswer>;
};

/** An access token of an account: how it is fetched, and its name; null for the one of Provider.token. */
export type TokenOfAccount = { account: ProviderAccount; name: string | null; call: TokenCall };

type TokenDeps = { sql: Sql; box: SecretBox; log: Logger };

type TokenRequest = TokenOfAccount & {
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
 * One token per connection and name, shared by all processes through the database and fetched by one of them at a time:
 * a new token makes the last one invalid. During an early refresh the other processes use the old token. No network
 * call runs inside a database transaction.
 */
export function createAccessTokens(deps: TokenDeps): AccessTokens {
  const inFlight = new Map<string, Promise<TokenAnswer>>();
  return {
    get(token, context, send, refusedToken) {
      const origin = originOf(token);
      // Calls that run at the same time in this process share one look-up.
      const parts = [
        token.account.connection.id,
        token.name,
        origin,
        refusedToken === null ? null : digest(refusedToken),
      ];
      const key = JSON.stringify(parts);
      const current = inFlight.get(key);
      if (current) return current;
      const request = { ...token, context, send, refusedToken, origin };
      const lookUp = findOrFetch(deps, request).finally(() => inFlight.delete(key));
      inFlight.set(key, lookUp);
      return lookUp;
    },
  };
}

async function findOrFetch(deps: TokenDeps, request: TokenRequest): Promise<TokenAnswer> {
  const tokenKey = keyOf(request);
  const untilMs = performance.now() + otherProcessWaitMs;
  for (;;) {
    const stored = await usableToken(deps, request);
    if (stored?.isFresh) return tokenOf(stored);
    const leaseId = await leaseToken(deps.sql, tokenKey);
    if (leaseId !== null) {
      const answer = await fetchUnderLease(deps, request, leaseId);
      if (answer !== "lease-lost") return answer;
      continue;
    }
    if (stored) return tokenOf(stored);
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
  const tokenKey = keyOf(request);
  try {
    const stored = await usableToken(deps, request);
    if (stored?.isFresh) return tokenOf(stored);
    const fetched = await fetchToken(request);
    if (fetched.kind !== "token") return stored ? tokenOf(stored) : fetched;
    const { token, expiresInS } = fetched;
    const refreshInS = Math.max(expiresInS - Math.min(refreshEarlyMaxS, expiresInS * refreshEarlyShare), 1);
    const sealed = deps.box.seal(token, contextOf(tokenKey));
    const next = { token: sealed, origin: request.origin, refreshInS, expiresInS };
    const expiresAt = await storeToken(deps.sql, tokenKey, leaseId, next);
    if (expiresAt === null) return "lease-lost";
    deps.log.info(
      { connection_id: publicId("connection", connection.id), provider: provider.id, expires_in_s: expiresInS },
      "access token refreshed",
    );
    return { kind: "token", token, expiresAt };
  } finally {
    await releaseToken(deps.sql, tokenKey, leaseId);
  }
}

function tokenOf({ token, expiresAt }: StoredToken): TokenAnswer {
  return { kind: "token", token, expiresAt };
}

async function fetchToken({ call, context, send }: TokenRequest) {
  const answer = await send(call.request(context));
  return answer.kind === "answer" ? call.read(answer, context.now) : answer;
}

/** The stored token, opened; null where it has expired, was refused, or was fetched with other credentials. */
async function usableToken({ sql, box }: TokenDeps, request: TokenRequest): Promise<StoredToken | null> {
  const { refusedToken, origin } = request;
  const tokenKey = keyOf(request);
  const stored = await readToken(sql, tokenKey);
  if (!stored?.isLive || stored.origin !== origin) return null;
  const token = box.open(stored.token, contextOf(tokenKey));
  return token === refusedToken ? null : { ...stored, token };
}

function keyOf({ account, name }: TokenOfAccount): TokenKey {
  return { shard: account.connection.shard, connectionId: account.connection.id, name };
}

function contextOf({ connectionId, name }: TokenKey): string {
  return name === null ? sealContext.accessToken(connectionId) : sealContext.namedAccessToken(connectionId, name);
}

/** A token is valid for the credentials, the environment and the base URL that it was fetched with. */
function originOf({ account, call }: TokenOfAccount): string {
  const { baseUrl, environment, credentials } = account.connection;
  const names = [...new Set(call.credentials.flat())].sort();
  return digest(JSON.stringify([baseUrl, environment, names.map(name => credentials[name] ?? null)]));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
