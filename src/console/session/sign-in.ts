import type { Context } from "hono";
import type { Logger } from "pino";
import { bareLayout } from "../components/layout.ts";
import { type Html, html } from "../html.ts";
import type { Who } from "../who.ts";
import type { Sessions } from "./session.ts";

export type SignInDeps = {
  sessions: Sessions;
  who(key: string): Promise<Who>;
  mayTry(address: string): boolean;
  addressOf(c: Context): string;
  log: Logger;
};

const retryAfterS = 60;

export function showSignIn(c: Context, problem: string | null = null, status: 200 | 401 | 429 | 503 = 200): Response {
  const next = safeNext(c.req.query("next"));
  return c.html(bareLayout("Sign in", form(next, problem)), status);
}

/** Signs in whoever sends a key that the API takes. */
export async function signIn(c: Context, deps: SignInDeps, key: string): Promise<Response> {
  const address = deps.addressOf(c);
  if (!deps.mayTry(address)) {
    deps.log.warn({ address }, "console: too many tries to sign in");
    c.header("retry-after", String(retryAfterS));
    return showSignIn(c, "That was tried too often. Wait a minute.", 429);
  }
  const who = await deps.who(key);
  const actor = who.kind === "known" ? who.actor : null;
  deps.log.info({ address, actor, outcome: who.kind === "known" ? "signed in" : "refused" }, "console: sign in");
  if (who.kind === "away")
    return showSignIn(c, "The database does not answer, so the key cannot be looked up. Try again in a moment.", 503);
  if (who.kind === "unknown")
    return showSignIn(c, "This key is not known, or was deleted. Check that it was copied whole.", 401);
  deps.sessions.begin(c, key);
  return c.redirect(safeNext(c.req.query("next")), 303);
}

/** Where to go after signing in: a page of the console, never another site. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/console\/[\w/-]+(\?[\w%=&.+*-]*)?$/.test(next) ? next : "/";
}

function form(next: string, problem: string | null): Html {
  const action = next === "/" ? "/console/login" : `/console/login?next=${encodeURIComponent(next)}`;
  return html`<h1>Sign in</h1>
${problem === null ? "" : html`<p class="notice bad" role="alert">${problem}</p>`}
<form method="post" action="${action}" class="stack">
<label>Admin key or a merchant's key<input type="password" name="key" required autofocus autocomplete="current-password" spellcheck="false" maxlength="500"></label>
<button type="submit" class="primary">Sign in</button></form>
<p class="note">The admin key was printed by the first start, and is in <code>admin.key</code> of the data folder.</p>`;
}
