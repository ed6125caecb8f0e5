import type { Context, Hono } from "hono";
import { problemResponse, wrongMethod } from "../problem.ts";
import { requestIdOf } from "../request-id.ts";
import type { Route } from "../route.ts";
import { describeApi } from "./document.ts";
import { contentSecurityPolicy, renderPage } from "./reference/page.tsx";

/** `/openapi.json` and `/docs`, open to whoever reaches the port: they hold nothing of anybody's. */
export function mountDocuments(app: Hono, routes: Route[], publicUrl: () => string): void {
  // Made once: only the address it is reached under may still change, where the system chooses the port.
  const document = lazily(() => describeApi(routes, publicUrl()));
  const page = lazily(() => renderPage(document(publicUrl())));
  app.get("/openapi.json", () =>
    Response.json(document(publicUrl()), { headers: { "access-control-allow-origin": "*" } }),
  );
  app.get("/docs", () => {
    return new Response(page(publicUrl()), {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": contentSecurityPolicy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
      },
    });
  });
  const getOnly = (c: Context) => problemResponse(wrongMethod(["GET"]), requestIdOf(c));
  app.all("/openapi.json", getOnly);
  app.all("/docs", getOnly);
}

/** Makes a thing when it is first asked for, and again where what it depends on is another. */
function lazily<T>(make: () => T): (dependsOn: string) => T {
  let made: { of: string; thing: T } | null = null;
  return dependsOn => {
    if (made?.of !== dependsOn) made = { of: dependsOn, thing: make() };
    return made.thing;
  };
}
