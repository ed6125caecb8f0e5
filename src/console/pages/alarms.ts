import type { Backlog } from "../../metrics/backlog-store.ts";
import { type Html, html } from "../html.ts";
import type { SpoolState } from "../page-request.ts";
import { showSeconds } from "../show.ts";

/** Work that has been due for longer is shown as a problem, in seconds. */
export const lateS = 60;

type Alarm = { tone: "bad" | "look"; text: string; href?: string };

/** What keeps the installation from its work, the worst first, each with where to look. */
export function alarms(backlog: Backlog | null, spool: SpoolState): Html {
  const all = [...ofSpool(spool), ...(backlog === null ? [databaseAway] : ofBacklog(backlog))];
  if (all.length === 0) return html`<p class="notice good">Everything is read, asked about and delivered in time.</p>`;
  return html`<ul class="alarms">${all.map(
    ({ tone, text, href }) =>
      html`<li class="notice ${tone}">${href === undefined ? text : html`<a href="${href}">${text}</a>`}</li>`,
  )}</ul>`;
}

const databaseAway: Alarm = {
  tone: "bad",
  text: "The database does not answer. Callbacks are taken and kept on disk.",
};

function ofSpool({ bytes, isDatabaseAway }: SpoolState): Alarm[] {
  if (bytes === 0) return [];
  const kept = bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  const state = isDatabaseAway
    ? "until the database is back: keep this process's data folder"
    : "and going into the database";
  return [{ tone: isDatabaseAway ? "bad" : "look", text: `${kept} of callbacks wait in the spool, ${state}.` }];
}

function ofBacklog({ queues, workers, breakersOpen, paused, endpointsFailing }: Backlog): Alarm[] {
  const found: Alarm[] = [];
  const late = (name: "inbox" | "delivery" | "poll", tone: Alarm["tone"], text: string, href: string) => {
    const { oldestS } = queues[name];
    if (oldestS > lateS) found.push({ tone, text: `${text} for ${showSeconds(oldestS)}.`, href });
  };
  if (workers === 0) found.push({ tone: "bad", text: "No worker runs: nothing is read, asked about or delivered." });
  late("inbox", "bad", "Callbacks wait to be read", "/console/callbacks?state=pending");
  late("delivery", "bad", "Deliveries are due", "/console/deliveries?state=pending");
  // A pass that an outside cron runs, or a provider that throttles, takes its time.
  late("poll", "look", "Questions to providers are due", "/console/transactions?status=pending");
  if (endpointsFailing > 0) {
    const text = endpointsFailing === 1 ? "1 endpoint takes nothing." : `${endpointsFailing} endpoints take nothing.`;
    found.push({ tone: "bad", text, href: "/console/endpoints?enabled=true" });
  }
  if (paused > 0) {
    const why = breakersOpen > 0 ? `, ${breakersOpen} after errors in a row` : "";
    const text = `${paused === 1 ? "1 connection is" : `${paused} connections are`} not asked for a while${why}: hakika doctor names them.`;
    found.push({ tone: "look", text, href: "/console/connections" });
  }
  return found;
}
