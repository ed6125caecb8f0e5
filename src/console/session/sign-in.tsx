import type { Context } from "hono";
import type { Logger } from "pino";
import { BareLayout, renderDocument } from "../components/layout.tsx";
import { ErrorNotice } from "../components/notice.tsx";
import type { Sessions } from "./session.ts";

/** The owner of an API key: `admin` or the id of a key. `unavailable`: the database cannot be asked. */
export type Identity = { kind: "known"; actor: string } | { kind: "unknown" } | { kind: "unavailable" };

export type SignInDeps = {
  sessions: Sessions;
  identify(key: string): Promise<Identity>;
  /** Whether an address may try once more. */
  mayTry(address: string): boolean;
  addressOf(c: Context): string;
  log: Logger;
};

const retryAfterS = 60;

export function showSignIn(c: Context, error: string | null = null, status: 200 | 401 | 429 | 503 = 200): Response {
  const next = safeNext(c.req.query("next"));
  const action = next === "/" ? "/console/login" : `/console/login?next=${encodeURIComponent(next)}`;
  return c.html(renderDocument(<SignInPage action={action} error={error} />), status);
}

/** Begins a session for a key that the API accepts, and leads to the page that was asked for. */
export async function signIn(c: Context, deps: SignInDeps, key: string): Promise<Response> {
  const address = deps.addressOf(c);
  if (!deps.mayTry(address)) {
    deps.log.warn({ address }, "console: too many sign-in attempts");
    c.header("retry-after", String(retryAfterS));
    return showSignIn(c, "Too many attempts. Wait a minute.", 429);
  }
  const identity = await deps.identify(key);
  const actor = identity.kind === "known" ? identity.actor : null;
  deps.log.info({ address, actor, outcome: actor === null ? "refused" : "signed in" }, "console: sign in");
  switch (identity.kind) {
    case "unavailable":
      return showSignIn(c, "The database is unavailable, so the key cannot be checked. Try again in a moment.", 503);
    case "unknown":
      return showSignIn(c, "This key is unknown or was deleted. Check that the whole key was copied.", 401);
    case "known":
      deps.sessions.begin(c, key);
      return c.redirect(safeNext(c.req.query("next")), 303);
  }
}

/** The page to show after signing in: a page of the console, never another site. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/console\/[\w/-]+(\?[\w%=&.+*-]*)?$/.test(next) ? next : "/";
}

function SignInPage({ action, error }: { action: string; error: string | null }) {
  return (
    <BareLayout title="Sign in">
      <h1>Sign in</h1>
      {error !== null && <ErrorNotice>{error}</ErrorNotice>}
      <form method="post" action={action} class="stack">
        <label>
          Admin key or merchant key
          <input
            type="password"
            name="key"
            required
            autofocus
            autocomplete="current-password"
            spellcheck={false}
            maxlength={500}
          />
        </label>
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
      <p class="note">
        The first start printed the admin key and stored it in <code>admin.key</code> in the data folder.
      </p>
    </BareLayout>
  );
}
