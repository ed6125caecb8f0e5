import { LRUCache } from "lru-cache";
import type { Sql } from "../database/connect.ts";
import type { SecretBox } from "../database/encryption.ts";
import { withTimeout } from "../database/unavailable.ts";
import type { Connection } from "./connection.ts";
import { findById, findByToken } from "./store.ts";
import { hashOfToken, shardOfToken } from "./token.ts";

/** The result of a look-up by token. `unavailable`: the database does not respond, and the token is not cached. */
export type TokenLookup = { kind: "found"; connection: Connection } | { kind: "unknown" } | { kind: "unavailable" };

/** Looks connections up, from a cache where it can. */
export type Directory = {
  /** Resolves within `waitMs` (3 s at most), as `unavailable` where the look-up takes longer. */
  byToken(token: string, waitMs?: number): TokenLookup | Promise<TokenLookup>;
  /** A connection, a deleted one too. Rejects where the database is unavailable. */
  byId(shard: number, id: string): Promise<Connection | null>;
  /**
   * Drops a connection that was changed by this or another process. null: any connection may have been changed; the
   * cached ones are then used only while the database is unavailable.
   */
  forget(connectionId: string | null): void;
};

const entriesMax = 20_000;
/** A cached connection is returned at once. One that is older than this is looked up again in the background. */
const freshMs = 5_000;
/** An unknown token costs one query a second at most. */
const unknownMs = 1_000;
const timeoutMs = 3_000;
/** The part of a caller's wait that is spent on looking up a stale token again. */
const staleWaitPart = 1 / 4;

type CachedToken = {
  connection: Connection;
  expiresAtMs: number;
  lookedUpAtMs: number;
  isRefreshing: boolean;
  /** The connection may have been changed: it is used only where a new look-up fails. */
  isStale: boolean;
};

/**
 * Connections by token and by id, cached: every callback needs one, and known tokens must work while the database is
 * unavailable.
 */
export function createDirectory(deps: { sql: Sql; box: SecretBox; nowMs?: () => number }): Directory {
  const { sql, box, nowMs = Date.now } = deps;
  const tokens = new LRUCache<string, CachedToken>({ max: entriesMax });
  const unknownTokens = new LRUCache<string, true>({ max: entriesMax, ttl: unknownMs });
  const connections = new LRUCache<string, { connection: Connection; lookedUpAtMs: number }>({ max: entriesMax });
  const running = new Map<string, Promise<TokenLookup>>();

  /** Looks a token up, once for all callers at a time. */
  function lookUp(token: string, shard: number): Promise<TokenLookup> {
    const earlier = running.get(token);
    if (earlier) return earlier;
    const lookup = withTimeout(findByToken(sql, box, shard, hashOfToken(token)), timeoutMs)
      .then(found => cache(token, found))
      .catch((): TokenLookup => ({ kind: "unavailable" }))
      .finally(() => running.delete(token));
    running.set(token, lookup);
    return lookup;
  }

  function cache(token: string, found: Awaited<ReturnType<typeof findByToken>>): TokenLookup {
    if (!found) {
      tokens.delete(token);
      unknownTokens.set(token, true);
      return { kind: "unknown" };
    }
    const { connection, expiresAt } = found;
    const expiresAtMs = expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    tokens.set(token, { connection, expiresAtMs, lookedUpAtMs: nowMs(), isRefreshing: false, isStale: false });
    connections.set(connection.id, { connection, lookedUpAtMs: nowMs() });
    return { kind: "found", connection };
  }

  return {
    byToken(token, waitMs = timeoutMs) {
      const shard = shardOfToken(token);
      if (shard === null) return { kind: "unknown" };
      const cached = tokens.get(token);
      if (!cached) return unknownTokens.has(token) ? { kind: "unknown" } : within(lookUp(token, shard), waitMs);
      if (cached.expiresAtMs <= nowMs()) return { kind: "unknown" };
      const result: TokenLookup = { kind: "found", connection: cached.connection };
      if (cached.isStale) {
        const refreshed = within(lookUp(token, shard), Math.min(waitMs, timeoutMs) * staleWaitPart);
        return refreshed.then(lookup => (lookup.kind === "unavailable" ? result : lookup));
      }
      if (nowMs() - cached.lookedUpAtMs > freshMs && !cached.isRefreshing) {
        cached.isRefreshing = true;
        void lookUp(token, shard).finally(() => {
          cached.isRefreshing = false;
          cached.lookedUpAtMs = nowMs();
        });
      }
      return result;
    },
    async byId(shard, id) {
      const cached = connections.get(id);
      if (cached && nowMs() - cached.lookedUpAtMs <= freshMs) return cached.connection;
      const connection = await findById(sql, box, shard, id);
      if (connection) connections.set(id, { connection, lookedUpAtMs: nowMs() });
      return connection;
    },
    forget(connectionId) {
      unknownTokens.clear();
      if (connectionId === null) {
        for (const cached of tokens.values()) cached.isStale = true;
        connections.clear();
        return;
      }
      connections.delete(connectionId);
      for (const [token, cached] of tokens.entries()) {
        if (cached.connection.id === connectionId) tokens.delete(token);
      }
    },
  };
}

/** A look-up that takes longer goes on, and its result is cached for the next caller. */
function within(lookup: Promise<TokenLookup>, ms: number): Promise<TokenLookup> {
  return ms < timeoutMs ? withTimeout(lookup, ms).catch((): TokenLookup => ({ kind: "unavailable" })) : lookup;
}
