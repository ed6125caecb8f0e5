import type { Child, PropsWithChildren } from "hono/jsx";
import { stylePath } from "../style/stylesheet.ts";
import { Logo } from "./logo.tsx";
import { Notice } from "./notice.tsx";

/** The sections of the console, in the order of the navigation. */
const sections = {
  overview: { title: "Overview", path: "/" },
  transactions: { title: "Transactions", path: "/console/transactions" },
  reviews: { title: "Reviews", path: "/console/reviews" },
  callbacks: { title: "Callbacks", path: "/console/callbacks" },
  events: { title: "Events", path: "/console/events" },
  deliveries: { title: "Deliveries", path: "/console/deliveries" },
  endpoints: { title: "Endpoints", path: "/console/endpoints" },
  alerts: { title: "Alerts", path: "/console/alerts" },
  connections: { title: "Connections", path: "/console/connections" },
  statements: { title: "Statements", path: "/console/statements" },
  approvals: { title: "Approvals", path: "/console/approvals" },
  audit: { title: "Audit", path: "/console/audit" },
} as const;

export type Section = keyof typeof sections;

type LayoutProps = PropsWithChildren<{
  title: string;
  /** Null on a page that belongs to no section, such as an error. */
  section: Section | null;
  /** Whose key is signed in: `admin` or the id of a key. */
  actor: string;
  flash: string | null;
  timeZone: string;
}>;

/** A page for a person who is signed in. */
export function Layout({ title, section, actor, flash, timeZone, children }: LayoutProps) {
  return (
    <Document title={title}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header>
        <a class="brand" href="/">
          <Logo /> Hakika
        </a>
        <SearchBox isCurrent={section === null} />
        <Navigation current={section} />
        <Account actor={actor} timeZone={timeZone} />
      </header>
      <main id="main" tabindex={-1}>
        {flash !== null && <Notice tone="success">{flash}</Notice>}
        {children}
      </main>
    </Document>
  );
}

/** A page for a person who is not signed in. */
export function BareLayout({ title, children }: PropsWithChildren<{ title: string }>) {
  return (
    <Document title={title}>
      <main id="main" class="bare">
        <p class="brand">
          <Logo /> Hakika
        </p>
        {children}
      </main>
    </Document>
  );
}

/** The whole HTML document as text. */
export function renderDocument(layout: Child): string {
  return ["<!doctype html>", String(layout), ""].join("\n");
}

function Document({ title, children }: PropsWithChildren<{ title: string }>) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Hakika`}</title>
        <link rel="icon" href="/console/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href={stylePath} />
      </head>
      <body>{children}</body>
    </html>
  );
}

function SearchBox({ isCurrent }: { isCurrent: boolean }) {
  return (
    <search aria-current={isCurrent ? "page" : undefined}>
      <form class="search" method="get" action="/console/search">
        <label>
          Search
          <input
            type="search"
            name="q"
            placeholder="Id, receipt, reference, phone"
            autocomplete="off"
            spellcheck={false}
            maxlength={200}
          />
        </label>
      </form>
    </search>
  );
}

function Navigation({ current }: { current: Section | null }) {
  return (
    <nav aria-label="Sections">
      <ul>
        {Object.entries(sections).map(([name, { title, path }]) => (
          <li>
            <a href={path} aria-current={name === current ? "page" : undefined}>
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Account({ actor, timeZone }: { actor: string; timeZone: string }) {
  return (
    <div class="account">
      <span>{actor}</span> <small title="Hover over a time for UTC">Times of {timeZone}</small> <a href="/docs">API</a>
      <form method="post" action="/console/logout">
        <button type="submit" class="link">
          Sign out
        </button>
      </form>
    </div>
  );
}
