import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { SecretBox } from "../../database/encryption.ts";

const name = "hakika_session";
/** Where the value lives; what is sealed for another place does not open here. */
const sealedFor = "console.session";
const lifeS = 12 * 3600;

/**
 * The visitor's key, carried by the visitor: sealed in a cookie that scripts cannot read and other sites do not send. Nothing is kept
 * here, so any process answers, and a deleted key ends its sessions at once.
 */
export type Sessions = {
  begin(c: Context, key: string): void;
  /** Null where there is none, it is over, or it was not sealed here. */
  keyOf(c: Context): string | null;
  end(c: Context): void;
};

/** `secure`: the console is reached over https. */
export function createSessions(box: SecretBox, options: { now(): Date; secure(): boolean }): Sessions {
  const cookie = () => ({ path: "/", httpOnly: true, sameSite: "Strict", secure: options.secure() }) as const;
  return {
    begin(c, key) {
      const endsMs = options.now().getTime() + lifeS * 1000;
      setCookie(c, name, box.seal(JSON.stringify({ key, endsMs }), sealedFor), { ...cookie(), maxAge: lifeS });
    },
    keyOf(c) {
      const sealed = getCookie(c, name);
      if (sealed === undefined) return null;
      try {
        const { key, endsMs } = JSON.parse(box.open(sealed, sealedFor)) as { key: string; endsMs: number };
        return endsMs > options.now().getTime() ? key : null;
      } catch {
        return null;
      }
    },
    end: c => void deleteCookie(c, name, cookie()),
  };
}
