import { LRUCache } from "lru-cache";
import type { Sql } from "../database/connect.ts";
import type { SecretBox } from "../database/encryption.ts";
import { withTimeout } from "../database/unavailable.ts";
import type { Connection } from "./connection.ts";
import { findById, findByToken } from "./store.ts";
import { hashOfToken, shardOfToken } from "./token.ts";

/** What a token or id answers. `away`: the database does not answer, and nothing is known of it here. */
export type TokenLookup = { kind: "found"; connection: Connection } | { kind: "unknown" } | { kind: "away" };

export type Directory = {
  /** Answers within `waitMs` (3 s at most): what is not known by then is `away`. */
  byToken(token: string, waitMs?: number): TokenLookup | Promise<TokenLookup>;
  byId(shard: number, id: string): Promise<Connection | null>;
  /**
   * Drops what is known of a connection: it was changed, here or by another process. null: any may have been; what is known then
   * counts only where the database cannot be asked.
   */
  forget(connectionId: string | null): void;
};

const entriesMax = 20_000;
/** Until then an answer is taken as it is; afterwards it is still taken, and asked anew behind its back. */
const freshMs = 5_000;
/** A token nobody knows costs one question a second at most. */
const unknownMs = 1_000;
const timeoutMs = 3_000;
/** The part of its time that a caller spends on doubt about a token it knows. */
const doubtPart = 1 / 4;

type Entry = { connection: Connection; expiresAtMs: number; askedAtMs: number; asking: boolean; isDoubtful: boolean };

/** Connections by token and by id, cached: receiving asks on every request, and must know tokens while the database is away. */
export function createDirectory(deps: { sql: Sql; box: SecretBox; nowMs?: () => number }): Directory {
  const { sql, box, nowMs = Date.now } = deps;
  const byToken = new LRUCache<string, Entry>({ max: entriesMax });
  const unknown = new LRUCache<string, true>({ max: entriesMax, ttl: unknownMs });
  const byId = new LRUCache<string, { connection: Connection; askedAtMs: number }>({ max: entriesMax });
  const asking = new Map<string, Promise<TokenLookup>>();

  async function ask(token: string, shard: number): Promise<TokenLookup> {
    const pending = asking.get(token);
    if (pending) return pending;
    const question = withTimeout(findByToken(sql, box, shard, hashOfToken(token)), timeoutMs)
      .then((found): TokenLookup => {
        if (!found) {
          byToken.delete(token);
          unknown.set(token, true);
          return { kind: "unknown" };
        }
        const { connection, expiresAt } = found;
        byToken.set(token, {
          connection,
          expiresAtMs: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
          askedAtMs: nowMs(),
          asking: false,
          isDoubtful: false,
        });
        byId.set(connection.id, { connection, askedAtMs: nowMs() });
        return { kind: "found", connection };
      })
      .catch((): TokenLookup => ({ kind: "away" }))
      .finally(() => asking.delete(token));
    asking.set(token, question);
    return question;
  }

  return {
    byToken(token, waitMs = timeoutMs) {
      const shard = shardOfToken(token);
      if (shard === null) return { kind: "unknown" };
      const entry = byToken.get(token);
      if (!entry) return unknown.has(token) ? { kind: "unknown" } : withinWait(ask(token, shard), waitMs);
      const now = nowMs();
      if (entry.expiresAtMs <= now) return { kind: "unknown" };
      if (entry.isDoubtful) {
        return withinWait(ask(token, shard), Math.min(waitMs, timeoutMs) * doubtPart).then(found =>
          found.kind === "away" ? { kind: "found", connection: entry.connection } : found,
        );
      }
      if (now - entry.askedAtMs > freshMs && !entry.asking) {
        entry.asking = true;
        void ask(token, shard).finally(() => {
          entry.asking = false;
          entry.askedAtMs = nowMs();
        });
      }
      return { kind: "found", connection: entry.connection };
    },
    async byId(shard, id) {
      const entry = byId.get(id);
      if (entry && nowMs() - entry.askedAtMs <= freshMs) return entry.connection;
      const connection = await findById(sql, box, shard, id);
      if (connection) byId.set(id, { connection, askedAtMs: nowMs() });
      return connection;
    },
    forget(connectionId) {
      unknown.clear();
      if (connectionId === null) {
        for (const entry of byToken.values()) entry.isDoubtful = true;
        byId.clear();
        return;
      }
      byId.delete(connectionId);
      for (const [token, entry] of byToken.entries()) if (entry.connection.id === connectionId) byToken.delete(token);
    },
  };
}

/** The question goes on where its answer is late: it is for whoever asks next. */
function withinWait(answer: Promise<TokenLookup>, ms: number): Promise<TokenLookup> {
  return ms < timeoutMs ? withTimeout(answer, ms).catch((): TokenLookup => ({ kind: "away" })) : answer;
}
