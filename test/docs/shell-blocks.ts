import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../architecture/sources.ts";

/** A shell block of a page, and what the page says it prints; null where it says nothing. */
export type ShellBlock = { script: string; printed: string | null };

/**
 * The shell blocks of a page, each with the `text` block that follows it; of one marked walk only, where it is named.
 */
export function shellBlocks(page: string, walk?: string): ShellBlock[] {
  const whole = readFileSync(path.join(root, page), "utf8");
  const text = walk === undefined ? whole : between(whole, `<!-- walk: ${walk} -->`, "<!-- /walk -->");
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm)].map(
    ([, script, printed]) => ({
      script: script!,
      printed: printed ?? null,
    }),
  );
}

function between(text: string, begin: string, end: string): string {
  const from = text.indexOf(begin);
  if (from === -1) throw new Error(`the page has no ${begin}`);
  return text.slice(from + begin.length, text.indexOf(end, from));
}

/** Text with everything that differs from run to run replaced: ids, tokens, keys, times, ports. */
export function shapeOf(text: string): string {
  return text
    .replace(/\b(mer|con|end|txn|cbk|evt|dlv|ses|key)_[0-9a-f]{32}\b/g, "$1_{id}")
    .replace(/\/in\/([a-z]+)\/[\w-]{34}\//g, "/in/$1/{token}/")
    .replace(/\bhka_[\w-]{43}\b/g, "hka_{key}")
    .replace(/\bwhsec_[\w+/=]+/g, "whsec_{secret}")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "{time}")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:{port}")
    .replace(/^ +(?=\d+ ms)/gm, "")
    .replace(/\b\d+(\.\d+)? ms\b/g, "{n} ms")
    .replace(/[ \t]+$/gm, "")
    .trim();
}
