import { type Html, html } from "../html.ts";
import { stylePath } from "../style/stylesheet.ts";

/** The rooms of the console, in the order of the navigation. */
const sections = [
  ["overview", "Overview", "/"],
  ["transactions", "Transactions", "/console/transactions"],
  ["reviews", "Reviews", "/console/reviews"],
  ["callbacks", "Callbacks", "/console/callbacks"],
  ["events", "Events", "/console/events"],
  ["deliveries", "Deliveries", "/console/deliveries"],
  ["endpoints", "Endpoints", "/console/endpoints"],
  ["connections", "Connections", "/console/connections"],
  ["audit", "Audit", "/console/audit"],
] as const;

export type Frame = { title: string; section: string; who: string; notice: string | null };

/** A whole page for somebody who is signed in. */
export function layout({ title, section, who, notice }: Frame, body: Html): string {
  return document(
    title,
    html`<a class="skip" href="#main">Skip to the content</a>
<header><a class="brand" href="/">${mark} Hakika</a>
<nav aria-label="Rooms"><ul>${sections.map(
      ([name, text, path]) =>
        html`<li><a href="${path}" ${name === section ? html`aria-current="page"` : ""}>${text}</a></li>`,
    )}</ul></nav>
<div class="who"><span>${who}</span> <small>Times are UTC</small> <a href="/docs">API</a>
<form method="post" action="/console/logout"><button type="submit" class="quiet">Sign out</button></form></div></header>
<main id="main" tabindex="-1">${notice === null ? "" : html`<p class="notice good" role="status">${notice}</p>`}${body}</main>`,
  );
}

/** A page for somebody who is not. */
export function bareLayout(title: string, body: Html): string {
  return document(title, html`<main id="main" class="bare"><p class="brand">${mark} Hakika</p>${body}</main>`);
}

const mark = html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true" width="22" height="22"><path d="M12 2 3 6v6c0 5 4 9 9 10 5-1 9-5 9-10V6z"/><path class="tick" d="m8 12 3 3 5-6"/></svg>`;

function document(title: string, body: Html): string {
  return String(html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark"><title>${title} · Hakika</title>
<link rel="icon" href="/console/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="${stylePath}"></head>
<body>${body}</body></html>
`);
}
