import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { csrf } from "hono/csrf";
import { secureHeaders } from "hono/secure-headers";
import type { Logger } from "pino";
import type { SecretBox } from "../database/encryption.ts";
import type { BacklogView } from "../metrics/backlog.ts";
import { createApi, type Refused, type RequestApi } from "./api-client.ts";
import { doneText } from "./components/flash.ts";
import { bareLayout, layout } from "./components/layout.ts";
import { html } from "./html.ts";
import type { Shown, SpoolState, Visit } from "./page-request.ts";
import { actions, pages } from "./pages.ts";
import { createSessions } from "./session/session.ts";
import { showSignIn, signIn } from "./session/sign-in.ts";
import { createSignInLimit } from "./session/sign-in-limit.ts";
import { icon, style, stylePath } from "./style/stylesheet.ts";
import type { Who } from "./who.ts";

export type ConsoleDeps = {
  /** The management API in this process: the console's only way to anything of a merchant's. */
  api: RequestApi;
  who(key: string): Promise<Who>;
  box: SecretBox;
  publicUrl(): string;
  providers: string[];
  backlog: BacklogView;
  /** What this process keeps on its disk while the database is away. */
  spool(): SpoolState;
  /** Who sent a request. */
  addressOf(c: Context): string;
  log: Logger;
  now(): Date;
};

const formBytesMax = 16 * 1024;

/** The operator's pages: `/` and `/console/*`. Server-rendered, without a script; everything comes from the API. */
export function createConsole(deps: ConsoleDeps): Hono {
  const app = new Hono();
  const sessions = createSessions(deps.box, { now: deps.now, secure: () => deps.publicUrl().startsWith("https:") });
  const mayTry = createSignInLimit(() => deps.now().getTime());
  const signInDeps = { ...deps, sessions, mayTry };

  for (const path of ["/", "/console/*"]) {
    app.use(path, headers);
    // Behind a proxy that ends TLS the request's own origin is http: the public one counts as well.
    app.use(
      path,
      csrf({ origin: (origin, c) => [new URL(c.req.url).origin, originOf(deps.publicUrl())].includes(origin) }),
    );
    app.use(path, bodyLimit({ maxSize: formBytesMax }));
  }
  app.get(stylePath, c => asset(c, "text/css; charset=utf-8", style));
  app.get("/console/icon.svg", c => asset(c, "image/svg+xml", icon));
  app.get("/console", c => c.redirect("/", 303));
  app.get("/console/login", c => showSignIn(c));
  app.post("/console/login", async c => signIn(c, signInDeps, (await formOf(c)).key ?? ""));
  app.post("/console/logout", c => {
    sessions.end(c);
    return c.redirect("/console/login", 303);
  });
  for (const page of pages) {
    app.get(page.path, c => visited(c, async (visit, who) => render(c, await page.show(visit), page.section, who)));
  }
  for (const action of actions) {
    app.post(action.path, c =>
      visited(c, async (visit, who) => {
        const acted = await action.act(visit, await formOf(c));
        return acted.kind === "done" ? c.redirect(`${acted.to}?done=${acted.done}`, 303) : render(c, acted, "", who);
      }),
    );
  }
  app.all("/console/*", c =>
    visited(c, async (_visit, who) =>
      render(c, { kind: "refused", status: 404, detail: "There is no such page." }, "", who),
    ),
  );
  return app;

  /** Shows somebody who is signed in what they came for, others where to sign in. */
  async function visited(c: Context, answer: (visit: Visit, who: string) => Promise<Response>): Promise<Response> {
    const key = sessions.keyOf(c);
    const who: Who = key === null ? { kind: "unknown" } : await deps.who(key);
    if (who.kind === "away") return c.html(awayPage(), 503);
    if (key === null || who.kind === "unknown") {
      const { pathname, search } = new URL(c.req.url);
      const next = c.req.method === "GET" && pathname !== "/" ? `?next=${encodeURIComponent(pathname + search)}` : "";
      return c.redirect(`/console/login${next}`, 303);
    }
    const visit: Visit = {
      api: createApi(deps.api, key),
      isAdmin: who.actor === "admin",
      id: encodeURIComponent(c.req.param("id") ?? ""),
      query: c.req.query(),
      providers: deps.providers,
      now: deps.now(),
      backlog: deps.backlog,
      spool: deps.spool,
    };
    return answer(visit, who.actor);
  }
}

/** A merchant's key cannot be looked up without the database; it is not wrong for that. */
function awayPage(): string {
  return bareLayout(
    "No database",
    html`<h1>The database does not answer</h1><p class="notice bad" role="alert">Callbacks are still taken and kept. Reload in a moment: you stay signed in.</p>`,
  );
}

function render(c: Context, shown: Shown, section: string, who: string): Response {
  const { title, body } = shown.kind === "page" ? shown : refusal(shown);
  const notice = shown.kind === "page" ? doneText(c.req.query("done")) : null;
  return c.html(layout({ title, section, who, notice }, body), shown.kind === "page" ? 200 : (shown.status as 400));
}

function refusal({ status, detail }: Refused) {
  const title = status === 404 ? "Not found" : "That did not work";
  return { title, body: html`<h1>${title}</h1><p class="notice bad" role="alert">${detail}</p>` };
}

/** Text fields of a form; anything else is left out. */
async function formOf(c: Context): Promise<Record<string, string>> {
  const form = await c.req.parseBody().catch(() => ({}));
  return Object.fromEntries(
    Object.entries(form).filter((field): field is [string, string] => typeof field[1] === "string"),
  );
}

function originOf(url: string): string {
  return new URL(url).origin;
}

function asset(c: Context, type: string, text: string): Response {
  return c.body(text, 200, { "content-type": type, "cache-control": "public, max-age=31536000, immutable" });
}

/** `same-origin` rather than no referrer: without one browsers send forms with `Origin: null`. */
const secure = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
  referrerPolicy: "same-origin",
  // Whoever ends TLS decides about that.
  strictTransportSecurity: false,
});

const headers: typeof secure = async (c, next) => {
  // What is a merchant's stays in no cache.
  c.header("cache-control", "no-store");
  return secure(c, next);
};
