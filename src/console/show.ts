import { type Html, html } from "./html.ts";

/** How single things are shown, the same on every page. */

/** A moment as `2025-10-18 20:30:26`, UTC; a dash for none. */
export function showTime(iso: string | null | undefined): Html | string {
  if (!iso) return "–";
  return html`<time datetime="${iso}" title="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)}</time>`;
}

/** A duration as people say it: `12 s`, `3 min`, `5 h`, `2 d`. */
export function showSeconds(s: number): string {
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  if (s < 172_800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86_400)} d`;
}

const tones: Record<string, "good" | "bad" | "wait" | "look"> = {
  completed: "good",
  delivered: "good",
  processed: "good",
  healthy: "good",
  ok: "good",
  failed: "bad",
  expired: "bad",
  quarantined: "bad",
  disabled: "bad",
  failing: "bad",
  stopped: "bad",
  unreachable: "bad",
  none: "look",
  review: "look",
  refunded: "look",
  unresolved: "look",
  pending: "wait",
  processing: "wait",
};

/** A state as a coloured word; the word itself says it all, the colour only helps. */
export function badge(state: string): Html {
  return html`<span class="badge ${tones[state] ?? "plain"}">${state.replaceAll("_", " ")}</span>`;
}

export function showMoney(amount: string | null, currency: string | null): string {
  return amount === null ? "–" : `${amount} ${currency ?? ""}`;
}

/** An id, short, with the whole one as its title and link. */
export function idLink(room: string, id: string): Html {
  return html`<a class="id" href="/console/${room}/${encodeURIComponent(id)}" title="${id}">${shortId(id)}</a>`;
}

/** Ids of one hour begin alike: the end tells them apart. */
function shortId(id: string): string {
  return id.length > 16 ? `…${id.slice(-8)}` : id;
}

/** Names and values, one below the other; what there is not is left out. */
export function facts(pairs: [name: string, value: Html | string | null | undefined][]): Html {
  const given = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  if (given.length === 0) return html``;
  return html`<dl class="facts">${given.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A text that is copied as a whole: one click selects all of it. */
export function copyable(text: string): Html {
  return html`<code class="copy" tabindex="0">${text}</code>`;
}

/** JSON, laid out. */
export function showJson(value: unknown): Html {
  return html`<pre tabindex="0">${visible(JSON.stringify(value, null, 2) ?? "")}</pre>`;
}

const hexBytesMax = 2048;
const textCharsMax = 65_536;

/** Bytes a stranger sent, as text where they are text, else as hexadecimal digits. */
export function showBytes(bytes: Buffer): Html {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const digits = bytes
      .subarray(0, hexBytesMax)
      .toString("hex")
      .replace(/(.{64})/g, "$1\n");
    return html`<p class="note">Not text: the first ${Math.min(bytes.length, hexBytesMax)} of ${bytes.length} bytes.</p><pre tabindex="0">${digits}</pre>`;
  }
  const more =
    text.length > textCharsMax ? html`<p class="note">The rest is left out here; the API has all of it.</p>` : "";
  return html`<pre tabindex="0">${visible(text.slice(0, textCharsMax))}</pre>${more}`;
}

/** Characters that are not seen, or turn the order of what is seen, are written out: `\u202e`. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are meant.
  const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
  return text.replaceAll("\r\n", "\n").replace(unseen, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
