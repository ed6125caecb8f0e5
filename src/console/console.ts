import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { csrf } from "hono/csrf";
import type { Logger } from "pino";
import type { KeyReference } from "../api/auth/authenticate.ts";
import { actorOf, type KeyOwner } from "../api/caller.ts";
import type { DrizzleQueryable } from "../api/deps.ts";
import { rootCause } from "../api/failure.ts";
import { fileBytesMax } from "../books/statements/file-parts.ts";
import { isUnavailable } from "../database/unavailable.ts";
import type { BacklogView } from "../metrics/backlog.ts";
import type { FormFields } from "./action-route.ts";
import { faviconSvg } from "./components/logo.tsx";
import { type ApiRefusal, createConsoleApi, type RequestApi } from "./console-api.ts";
import type { PageRequest, SpoolState } from "./page-request.ts";
import { uploadAction } from "./pages/statements.tsx";
import { actions, pages } from "./pages.ts";
import { databaseUnavailable, respond } from "./respond.tsx";
import { securityHeaders } from "./security-headers.ts";
import { createSessions } from "./session/session.ts";
import { type Identity, showSignIn, signIn, signOut } from "./session/sign-in.tsx";
import { createFailureLimit } from "./session/sign-in-limit.ts";
import { style, stylePath } from "./style/stylesheet.ts";

export type ConsoleDeps = {
  /** The management API in this process, the console's only source of a merchant's data. */
  api: RequestApi;
  db: DrizzleQueryable;
  /** Key of the audit's chain. */
  auditKey: Buffer;
  identify(key: string): Promise<Identity>;
  /** Whose key it is; null where it is not valid any more. Rejects where the database is unavailable. */
  ownerOf(key: KeyReference): Promise<KeyOwner | null>;
  publicUrl(): string;
  /** Whether the console is served elsewhere than at the public URL. */
  hasOwnAddress: boolean;
  /** The ids of all providers. */
  providers: string[];
  /** The time zone that times are shown in, an IANA name. */
  timeZone: string;
  backlog: BacklogView;
  spool(): SpoolState;
  /** The address a request comes from. */
  addressOf(c: Context): string;
  /** Counts a sign-in that was one failure too many. */
  tooManyFailures(): void;
  log: Logger;
  now(): Date;
};

const formBytesMax = 16 * 1024;
const pageNotFound: ApiRefusal = { kind: "refused", status: 404, detail: "There is no such page." };

/** The operator's pages, `/` and `/console/*`: rendered on the server, without scripts. */
export function createConsole(deps: ConsoleDeps): Hono {
  const app = new Hono();
  const { timeZone } = deps;
  const secure = () => (deps.hasOwnAddress ? null : deps.publicUrl().startsWith("https:"));
  const sessions = createSessions(deps.db, { secure });
  const mayFail = createFailureLimit(() => deps.now().getTime());
  const signInDeps = { ...deps, sessions, mayFail };

  for (const path of ["/", "/console/*"]) {
    app.use(path, securityHeaders, sameOriginForms(deps.publicUrl), boundedForms);
  }
  app.get(stylePath, c => asset(c, "text/css; charset=utf-8", style));
  app.get("/console/icon.svg", c => asset(c, "image/svg+xml", faviconSvg));
  app.get("/console", c => c.redirect("/", 303));
  app.get("/console/login", c => showSignIn(c));
  app.post("/console/login", async c => signIn(c, signInDeps, (await formOf(c)).fields.key ?? ""));
  app.post("/console/logout", c => signOut(c, signInDeps, deps.ownerOf));
  for (const { path, section, render } of pages) {
    app.get(path, c =>
      signedIn(c, async (request, actor) => respond(c, await render(request), section, { actor, timeZone })),
    );
  }
  for (const { path, run } of actions) {
    app.post(path, c =>
      signedIn(c, async (request, actor) => {
        const { fields, file } = await formOf(c);
        const result = await run(request, fields, file);
        if (result.kind !== "done") return respond(c, result, null, { actor, timeZone });
        return c.redirect(`${result.location}?done=${result.flash}`, 303);
      }),
    );
  }
  app.get("/console/statements/:id/report.csv", c =>
    signedIn(c, async ({ api, id }, actor) => {
      const report = await api.bytes(`/v1/statements/${id}/lines.csv`);
      if (report.kind === "refused") return respond(c, report, null, { actor, timeZone });
      const disposition = `attachment; filename="${id}.csv"`;
      return c.body(new Uint8Array(report.value), 200, {
        "content-type": "text/csv",
        "content-disposition": disposition,
      });
    }),
  );
  app.all("/console/*", c =>
    signedIn(c, async (_request, actor) => respond(c, pageNotFound, null, { actor, timeZone })),
  );
  return app;

  /** Answers a person who is signed in, and leads others to the sign-in page. */
  async function signedIn(
    c: Context,
    answer: (request: PageRequest, actor: string) => Promise<Response>,
  ): Promise<Response> {
    const owner = await ownerOf(c);
    if (owner === "unavailable") return databaseUnavailable(c);
    if (owner === null) return toSignIn(c);
    const request: PageRequest = {
      api: createConsoleApi(deps.api, { owner, address: deps.addressOf(c) }),
      isAdmin: owner.kind !== "merchant",
      id: encodeURIComponent(c.req.param("id") ?? ""),
      query: c.req.query(),
      ...{ providers: deps.providers, timeZone },
      now: deps.now(),
      backlog: deps.backlog,
      spool: deps.spool,
    };
    return answer(request, owner.kind === "operator" ? `${owner.name} (${owner.role})` : actorOf(owner));
  }

  async function ownerOf(c: Context): Promise<KeyOwner | "unavailable" | null> {
    try {
      const key = await sessions.keyOf(c);
      return key && (await deps.ownerOf(key));
    } catch (error) {
      if (isUnavailable(rootCause(error))) return "unavailable";
      throw error;
    }
  }
}

/**
 * Refuses forms from other sites. Behind a proxy that ends TLS a form has the public origin, not that of the request.
 */
function sameOriginForms(publicUrl: () => string) {
  return csrf({
    origin: (origin, c) => [new URL(c.req.url).origin, new URL(publicUrl()).origin].includes(origin),
  });
}

/** Leads to the sign-in page, which leads back to the page that was asked for. */
function toSignIn(c: Context): Response {
  const { pathname, search } = new URL(c.req.url);
  const next = c.req.method === "GET" && pathname !== "/" ? `?next=${encodeURIComponent(pathname + search)}` : "";
  return c.redirect(`/console/login${next}`, 303);
}

/** The text fields of a form, and its field `file`. */
async function formOf(c: Context): Promise<{ fields: FormFields; file: File | null }> {
  const form: Record<string, unknown> = await c.req.parseBody().catch(() => ({}));
  const texts = Object.entries(form).filter((field): field is [string, string] => typeof field[1] === "string");
  return { fields: Object.fromEntries(texts), file: form.file instanceof File ? form.file : null };
}

const smallForm = bodyLimit({ maxSize: formBytesMax });
const upload = bodyLimit({ maxSize: fileBytesMax + formBytesMax });
/** A statement is uploaded in a form, which is read for a person who is signed in. */
const boundedForms: typeof smallForm = (c, next) =>
  c.req.path === uploadAction.path ? upload(c, next) : smallForm(c, next);

/** Files that never change under their name. */
function asset(c: Context, type: string, text: string): Response {
  return c.body(text, 200, { "content-type": type, "cache-control": "public, max-age=31536000, immutable" });
}
