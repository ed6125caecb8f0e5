import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import { prose } from "./prose.ts";
import { schemaRows } from "./schema-table.ts";
import { style } from "./style.ts";

type Json = Record<string, unknown>;
type Operation = {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema: Json }[];
  requestBody?: { content: { "application/json": { schema: Json; example?: unknown } } };
  responses: Record<string, Answer | { $ref: string }>;
};
type Answer = { description: string; content?: Record<string, { schema?: Json; example?: unknown }> };
type Document = {
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, { post: Operation }>;
  components: { schemas: Record<string, Json>; responses: Record<string, Answer> };
};

/** Nothing is loaded and nothing runs: the one style is named by its hash. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The reference page: the document as people read it, in one file, without a script. */
export function renderPage(document: Json): string {
  const { info, tags, paths, webhooks, servers, components } = document as unknown as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const answerOf = (answer: Answer | { $ref: string }): Answer =>
    "$ref" in answer ? components.responses[answer.$ref.split("/").at(-1)!]! : answer;
  const ofTag = (tag: string) => operations.filter(({ operation }) => operation.tags.includes(tag));
  return String(html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${info.title} API</title>
<style>${raw(style)}</style></head>
<body>
<nav>
<h1>${info.title} API</h1><p>${info.version} · <a href="/openapi.json">openapi.json</a></p>
${tags.map(
  ({ name }) =>
    html`<h2>${name}</h2><ul>${ofTag(name).map(
      ({ path, method, operation }) =>
        html`<li><a href="#${operation.operationId}" title="${method} ${path}">${operation.summary}</a></li>`,
    )}</ul>`,
)}
<h2>Events</h2><ul>${Object.values(webhooks).map(({ post }) => html`<li><a href="#${post.operationId}">${post.summary}</a></li>`)}</ul>
<h2>Schemas</h2><ul>${Object.keys(components.schemas).map(name => html`<li><a href="#schema-${name}">${name}</a></li>`)}</ul>
</nav>
<main>
${info.description.split("\n\n").map(text => html`<p>${prose(text)}</p>`)}
${tags.map(
  ({ name, description }) =>
    html`<h2>${name}</h2><p>${prose(description)}</p>${ofTag(name).map(({ path, method, operation }) =>
      renderOperation(path, method, operation, answerOf, servers[0]!.url),
    )}`,
)}
<h2>Events</h2><p>What endpoints are posted.</p>
${Object.values(webhooks).map(({ post }) => renderOperation("the endpoint's url", "POST", post, answerOf, null))}
<h2>Schemas</h2>
${Object.entries(components.schemas).map(
  ([name, schema]) => html`<section id="schema-${name}"><h3>${name}</h3>
${schema.description ? html`<p>${prose(String(schema.description))}</p>` : ""}${schemaRows(schema)}</section>`,
)}
</main>
</body>
</html>
`);
}

/** `url`: where it is called with curl; null where it is the merchant who is called. */
function renderOperation(
  path: string,
  method: string,
  operation: Operation,
  answerOf: (answer: Operation["responses"][string]) => Answer,
  url: string | null,
) {
  const body = operation.requestBody?.content["application/json"];
  const parameters = operation.parameters ?? [];
  const answers = Object.entries(operation.responses).map(([status, answer]) => ({ status, ...answerOf(answer) }));
  const shown = answers.find(({ status }) => status.startsWith("2"))?.content?.["application/json"]?.example;
  return html`<section id="${operation.operationId}">
<h3><span class="method ${method.toLowerCase()}">${method}</span> <code>${path}</code></h3>
<p><strong>${operation.summary}.</strong> ${prose(operation.description ?? "")}</p>
${parameters.length > 0 ? html`<h4>Parameters</h4>${parameterRows(parameters)}` : ""}
${body ? html`<h4>Body</h4>${schemaRows(body.schema)}` : ""}
${body?.example === undefined ? "" : html`<h4>Example</h4><pre>${url === null ? json(body.example) : curl(url, path, method, body.example)}</pre>`}
${shown === undefined ? "" : html`<h4>Its answer</h4><pre>${json(shown)}</pre>`}
<h4>Answers</h4>
<dl>${answers.map(
    ({ status, description, content }) =>
      html`<dt class="s${status[0]}">${status}</dt><dd>${prose(description)} ${linkOf(content)}</dd>`,
  )}</dl>
</section>`;
}

function parameterRows(parameters: NonNullable<Operation["parameters"]>) {
  const properties = parameters.map(({ name, in: where, description, schema }) => [
    name,
    { ...schema, description: [`in ${where}`, description].filter(Boolean).join(". ") },
  ]);
  const required = parameters.filter(each => each.required).map(({ name }) => name);
  return schemaRows({ properties: Object.fromEntries(properties), required });
}

const json = (value: unknown) => JSON.stringify(value, null, 2);

function linkOf(content: Record<string, { schema?: Json }> | undefined) {
  const schema = Object.values(content ?? {})[0]?.schema;
  const name = typeof schema?.$ref === "string" ? schema.$ref.split("/").at(-1) : undefined;
  return name === undefined ? "" : html`<a href="#schema-${name}">${name}</a>`;
}

function curl(url: string, path: string, method: string, example: unknown): string {
  const lines = [
    `curl -X ${method} ${url}${path}`,
    `  -H "Authorization: Bearer $HAKIKA_KEY"`,
    `  -H "Content-Type: application/json"`,
    `  -d '${json(example)}'`,
  ];
  return lines.join(" \\\n");
}
