import type { Context, Hono } from "hono";
import { problemResponse, wrongMethod } from "../problem.ts";
import { requestIdOf } from "../request-id.ts";
import type { Route } from "../route.ts";
import { describeApi } from "./document.ts";
import { contentSecurityPolicy, renderPage } from "./reference/page.tsx";

/** Mounts `/openapi.json` and, with `hasPage`, `/docs`. They need no key: they contain no merchant's data. */
export function mountDocuments(
  app: Hono,
  routes: Route[],
  publicUrl: () => string,
  { hasPage }: { hasPage: boolean },
): void {
  // Rendered once. Only the public URL may change, where the system chooses the port.
  const document = cached(() => describeApi(routes, publicUrl()));
  const page = cached(() => renderPage(document(publicUrl())));
  app.get("/openapi.json", () =>
    Response.json(document(publicUrl()), { headers: { "access-control-allow-origin": "*" } }),
  );
  const getOnly = (c: Context) => problemResponse(wrongMethod(["GET"]), requestIdOf(c));
  app.all("/openapi.json", getOnly);
  if (!hasPage) return;
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
  app.all("/docs", getOnly);
}

/** Computes a value on the first call, and again when the key differs from the last call's. */
function cached<T>(compute: () => T): (key: string) => T {
  let last: { key: string; value: T } | null = null;
  return key => {
    if (last?.key !== key) last = { key, value: compute() };
    return last.value;
  };
}
