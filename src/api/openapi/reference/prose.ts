import { html } from "hono/html";

/** A description of the document, which is Markdown to tools: what stands between backticks is shown as code. */
export function prose(text: string) {
  return text.split("`").map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}
