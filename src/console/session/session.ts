import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { SecretBox } from "../../database/encryption.ts";

const cookieName = "hakika_session";
/** The context the cookie is sealed for. A value that was sealed for another context does not open as a cookie. */
const sealContext = "console.session";
const lifetimeS = 12 * 3600;

/**
 * Sessions without a store: the API key travels in a sealed cookie that scripts cannot read and other sites do not
 * send. Any process can serve any request, and deleting the key ends its sessions at once.
 */
export type Sessions = {
  begin(c: Context, key: string): void;
  /** Null without a cookie, with an expired one, and with one that was not sealed by this installation. */
  keyOf(c: Context): string | null;
  end(c: Context): void;
};

/** `secure`: whether the console is reached by https. */
export function createSessions(box: SecretBox, options: { now(): Date; secure(): boolean }): Sessions {
  const cookie = () => ({ path: "/", httpOnly: true, sameSite: "Strict", secure: options.secure() }) as const;
  return {
    begin(c, key) {
      const endsMs = options.now().getTime() + lifetimeS * 1000;
      const sealed = box.seal(JSON.stringify({ key, endsMs }), sealContext);
      setCookie(c, cookieName, sealed, { ...cookie(), maxAge: lifetimeS });
    },
    keyOf(c) {
      const sealed = getCookie(c, cookieName);
      if (sealed === undefined) return null;
      try {
        const { key, endsMs } = JSON.parse(box.open(sealed, sealContext)) as { key: string; endsMs: number };
        return endsMs > options.now().getTime() ? key : null;
      } catch {
        return null;
      }
    },
    end: c => void deleteCookie(c, cookieName, cookie()),
  };
}
