import type { Context } from "hono";
import { flashText } from "./components/flash.ts";
import { BareLayout, Layout, renderDocument, type Section } from "./components/layout.tsx";
import { ErrorNotice } from "./components/notice.tsx";
import { TimeZone } from "./components/time.tsx";
import type { ApiRefusal } from "./console-api.ts";
import type { Page } from "./page-route.ts";

/** Answers with a page, or with the reason why there is none, in the frame of the console. */
export function respond(
  c: Context,
  page: Page,
  section: Section | null,
  { actor, timeZone }: { actor: string; timeZone: string },
): Response {
  const { title, body } = page.kind === "page" ? page : refusalPage(page);
  const flash = page.kind === "page" ? flashText(c.req.query("done")) : null;
  const document = (
    <TimeZone.Provider value={timeZone}>
      <Layout title={title} section={section} actor={actor} flash={flash} timeZone={timeZone}>
        {body}
      </Layout>
    </TimeZone.Provider>
  );
  // Without scripts a page that shows work under way is loaded again.
  if (page.kind === "page" && page.refreshS !== undefined) c.header("refresh", String(page.refreshS));
  return c.html(renderDocument(document), page.kind === "page" ? 200 : (page.status as 400));
}

function refusalPage({ status, detail }: ApiRefusal) {
  const title = status === 404 ? "Not found" : "Request failed";
  const body = (
    <>
      <h1>{title}</h1>
      <ErrorNotice>{detail}</ErrorNotice>
    </>
  );
  return { title, body };
}

/** Answers while no key can be looked up. The session is kept. */
export function databaseUnavailable(c: Context): Response {
  const document = (
    <BareLayout title="Database unavailable">
      <h1>The database is unavailable</h1>
      <ErrorNotice>Callbacks are still accepted and kept. Reload in a moment: you stay signed in.</ErrorNotice>
    </BareLayout>
  );
  return c.html(renderDocument(document), 503);
}
