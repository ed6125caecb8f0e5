import type { Context } from "hono";
import type { Logger } from "pino";
import { recordSignIn } from "../../api/audit/sign-in.ts";
import type { KeyReference } from "../../api/auth/authenticate.ts";
import { actorOf, type KeyOwner } from "../../api/caller.ts";
import type { DrizzleQueryable } from "../../api/deps.ts";
import { BareLayout, renderDocument } from "../components/layout.tsx";
import { ErrorNotice } from "../components/notice.tsx";
import type { Sessions } from "./session.ts";

/** Who is at the console. `unavailable`: the database cannot be asked. */
export type Identity = { kind: "known"; person: Person } | { kind: "unknown" } | { kind: "unavailable" };

/** A key with its owner. */
export type Person = { owner: KeyOwner; key: KeyReference };

export type SignInDeps = {
  db: DrizzleQueryable;
  /** Key of the audit's chain. */
  auditKey: Buffer;
  sessions: Sessions;
  identify(key: string): Promise<Identity>;
  /** Counts a failure of an address; false where it has had too many. */
  mayFail(address: string): boolean;
  /** Counts a failure that was one too many. */
  tooManyFailures(): void;
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
  const identity = await deps.identify(key);
  switch (identity.kind) {
    case "unavailable":
      return showSignIn(c, "The database is unavailable, so the key cannot be checked. Try again in a moment.", 503);
    case "unknown":
      return refuse(c, deps);
    case "known":
      await begin(c, deps, identity.person);
      return c.redirect(safeNext(c.req.query("next")), 303);
  }
}

/** A right key has passed before this: only failures are counted. */
async function refuse(
  c: Context,
  { db, auditKey, mayFail, tooManyFailures, addressOf, log }: SignInDeps,
): Promise<Response> {
  const address = addressOf(c);
  if (!mayFail(address)) {
    tooManyFailures();
    log.warn({ address }, "console: too many failed sign-ins");
    c.header("retry-after", String(retryAfterS));
    return showSignIn(c, "Too many failed attempts. Wait a minute. A right key is accepted at any time.", 429);
  }
  log.info({ address, actor: null, outcome: "refused" }, "console: sign in");
  await db.transaction(tx => recordSignIn(tx, auditKey, { action: "console.refused", owner: null, address }));
  return showSignIn(c, "This key is unknown, has expired or was deleted. Check that the whole key was copied.", 401);
}

async function begin(c: Context, deps: SignInDeps, { owner, key }: Person): Promise<void> {
  const address = deps.addressOf(c);
  await deps.db.transaction(async tx => {
    await deps.sessions.begin(c, tx, key);
    await recordSignIn(tx, deps.auditKey, { action: "console.signed_in", owner, address });
  });
  deps.log.info({ address, actor: actorOf(owner), outcome: "signed in" }, "console: sign in");
}

/** Ends the session, for every copy of its cookie. `ownerOf`: who has a key; null where it is not valid any more. */
export async function signOut(
  c: Context,
  { db, auditKey, sessions, addressOf }: Omit<SignInDeps, "identify" | "mayFail" | "tooManyFailures" | "log">,
  ownerOf: (key: KeyReference) => Promise<KeyOwner | null>,
): Promise<Response> {
  await db.transaction(async tx => {
    const key = await sessions.end(c, tx);
    const owner = key && (await ownerOf(key));
    if (owner) await recordSignIn(tx, auditKey, { action: "console.signed_out", owner, address: addressOf(c) });
  });
  return c.redirect("/console/login", 303);
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
          Your key: the admin's, an operator's or a merchant's
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
        The first start stored the admin key in <code>admin.key</code> of the data folder, unless one was set.
      </p>
    </BareLayout>
  );
}
