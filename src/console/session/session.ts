import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { KeyReference } from "../../api/auth/authenticate.ts";
import type { DrizzleQueryable } from "../../api/deps.ts";
import { hashToken } from "../../database/encryption.ts";
import { deleteSession, insertSession, type SessionReference, touchSession } from "./session-store.ts";

const name = "hakika_session";
const lifetimeS = 12 * 3600;

/**
 * Sessions that live in the database, so that any process can serve any request, and ending one ends every copy of its
 * cookie. The cookie carries a random id, of which the database has the hash; scripts cannot read it and other sites
 * do not send it. A session ends with its sign-out, its key, 30 idle minutes, or 12 hours.
 */
export type Sessions = {
  /** Writes the session in the given database transaction. */
  begin(c: Context, tx: DrizzleQueryable, key: KeyReference): Promise<void>;
  /** The key that signed in. Null without a cookie, and where the session has ended. */
  keyOf(c: Context): Promise<KeyReference | null>;
  /** The key whose session ended; null where there was none. */
  end(c: Context, tx: DrizzleQueryable): Promise<KeyReference | null>;
};

/**
 * `secure`: whether the console is reached by https; null where only its forms say so, by their origin.
 */
export function createSessions(db: DrizzleQueryable, options: { secure(): boolean | null }): Sessions {
  // The prefix `__Host-` keeps other hosts of the same site from setting the cookie; browsers take it by https alone.
  const nameOf = (secure: boolean) => (secure ? `__Host-${name}` : name);
  const isSecure = (c: Context) => options.secure() ?? c.req.header("origin")?.startsWith("https:") === true;
  const cookieName = (c: Context) => nameOf(isSecure(c));
  const cookie = (c: Context) => ({ path: "/", httpOnly: true, sameSite: "Strict", secure: isSecure(c) }) as const;
  const sentCookie = (c: Context) => {
    const secure = options.secure();
    return secure === null ? (getCookie(c, nameOf(true)) ?? getCookie(c, name)) : getCookie(c, nameOf(secure));
  };
  const sessionOf = (c: Context) => referenceOf(sentCookie(c));
  return {
    async begin(c, tx, { shard, hash }) {
      const id = shard.toString(16).padStart(2, "0") + randomBytes(32).toString("hex");
      await insertSession(tx, { shard, idHash: hashToken(id), keyHash: hash });
      setCookie(c, cookieName(c), id, { ...cookie(c), maxAge: lifetimeS });
    },
    async keyOf(c) {
      const session = sessionOf(c);
      const hash = session && (await touchSession(db, session));
      return hash ? { shard: session.shard, hash } : null;
    },
    async end(c, tx) {
      const session = sessionOf(c);
      const hash = session && (await deleteSession(tx, session));
      deleteCookie(c, cookieName(c), cookie(c));
      return hash ? { shard: session.shard, hash } : null;
    },
  };
}

/** The session of a cookie's text, which begins with the shard; null for text that is no id. */
function referenceOf(id: string | undefined): SessionReference | null {
  const hex = /^([0-3][0-9a-f])[0-9a-f]{64}$/.exec(id ?? "")?.[1];
  return hex === undefined ? null : { shard: Number.parseInt(hex, 16), idHash: hashToken(id!) };
}
