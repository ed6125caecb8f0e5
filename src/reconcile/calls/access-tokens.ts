import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Connection } from "../../connections/connection.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import { publicId } from "../../domain/ids.ts";
import type { CallContext, CallFailure, Send } from "../../providers/call.ts";
import type { Provider } from "../../providers/provider.ts";
import type { ReconcileDeps } from "../deps.ts";
import { leaseToken, readToken, releaseToken, type StoredToken, storeToken } from "./token-store.ts";

export type TokenAnswer = { kind: "token"; token: string } | CallFailure;

export type AccessTokens = {
  /**
   * The connection's bearer token. `not` is one that the provider refused: another is fetched, unless somebody did already. `send` makes
   * the call for it.
   */
  get(
    connection: Connection,
    provider: Provider,
    account: CallContext,
    send: Send,
    not: string | null,
  ): Promise<TokenAnswer>;
};

/** A token is renewed when a fifth of its life is left, or five minutes. */
const earlyShare = 0.2;
const earlyMaxS = 300;
const othersPollMs = 100;
const othersWaitMaxMs = 15_000;

/**
 * One token for each connection, shared by all processes through the database and fetched by one of them at a time: a new token makes
 * the last one invalid. While one renews it early the others go on with the old one. No network call happens inside a database
 * transaction.
 */
export function createAccessTokens({ sql, box, log }: Pick<ReconcileDeps, "sql" | "box" | "log">): AccessTokens {
  const asking = new Map<string, Promise<TokenAnswer>>();

  async function get(
    connection: Connection,
    provider: Provider,
    account: CallContext,
    send: Send,
    not: string | null,
  ): Promise<TokenAnswer> {
    const { shard, id } = connection;
    const origin = originOf(connection, provider);
    const until = performance.now() + othersWaitMaxMs;
    for (;;) {
      const kept = await usable(connection, origin, not);
      if (kept?.isFresh) return { kind: "token", token: kept.token };
      const leaseId = await leaseToken(sql, shard, id);
      if (leaseId !== null) return (await fetch(leaseId)) ?? (await get(connection, provider, account, send, not));
      if (kept) return { kind: "token", token: kept.token };
      if (performance.now() > until) return { kind: "unavailable", reason: "the token is being fetched elsewhere" };
      await pause(othersPollMs);
    }

    /** Null where somebody else has fetched one since. */
    async function fetch(leaseId: string): Promise<TokenAnswer | null> {
      try {
        const since = await usable(connection, origin, not);
        if (since?.isFresh) return { kind: "token", token: since.token };
        const fetched = await request();
        if (fetched.kind !== "token") return since ? { kind: "token", token: since.token } : fetched;
        const { token, expiresInS } = fetched;
        const refreshInS = Math.max(expiresInS - Math.min(earlyMaxS, expiresInS * earlyShare), 1);
        const sealed = box.seal(token, sealContext.accessToken(id));
        const isKept = await storeToken(sql, shard, id, leaseId, { token: sealed, origin, refreshInS, expiresInS });
        if (!isKept) return null;
        log.info(
          { connection_id: publicId("connection", id), provider: provider.id, expires_in_s: expiresInS },
          "fetched an access grant",
        );
        return { kind: "token", token };
      } finally {
        await releaseToken(sql, shard, id, leaseId);
      }
    }

    async function request() {
      const call = provider.token!;
      const answer = await send(call.request(account));
      return answer.kind === "answer" ? call.read(answer, account.now) : answer;
    }
  }

  async function usable(connection: Connection, origin: string, not: string | null): Promise<StoredToken | null> {
    const kept = await readToken(sql, connection.shard, connection.id);
    if (!kept?.isLive || kept.origin !== origin) return null;
    const token = box.open(kept.token, sealContext.accessToken(connection.id));
    return token === not ? null : { ...kept, token };
  }

  return {
    get(connection, provider, account, send, not) {
      // Questions that run side by side here ask the database once.
      const key = `${connection.id}|${originOf(connection, provider)}|${not === null ? "" : digest(not)}`;
      const under = asking.get(key);
      if (under) return under;
      const asked = get(connection, provider, account, send, not).finally(() => asking.delete(key));
      asking.set(key, asked);
      return asked;
    },
  };
}

/** A token is good for the credentials and the place it was had with, and no others. */
function originOf({ baseUrl, environment, credentials }: Connection, provider: Provider): string {
  const names = [...new Set(provider.token!.credentials.flat())].sort();
  return digest(JSON.stringify([baseUrl, environment, names.map(name => credentials[name] ?? null)]));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
