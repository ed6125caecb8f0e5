import { expect, it } from "vitest";
import { describeApi } from "../../src/api/openapi/document.ts";
import { renderPage } from "../../src/api/openapi/reference/page.tsx";
import { routes } from "../../src/api/routes.ts";
import type { Json } from "./harness.ts";

const document: Json = describeApi(routes, "https://pay.example.com");
const page = renderPage(document);
const operations: Json[] = [...Object.values<Json>(document.paths), ...Object.values<Json>(document.webhooks)].flatMap(
  methods => Object.values(methods),
);

/** The section of the page with this id. */
function sectionOf(id: string): string {
  const section = new RegExp(`<section id="${id}">[\\s\\S]*?</section>`).exec(page);
  expect(section, id).not.toBeNull();
  return section![0];
}

const escaped = (text: string) =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
const pretty = (value: unknown) => escaped(JSON.stringify(value, null, 2));
const proseOf = (text: string) => escaped(text).split("`");

it("shows every operation with its parameters, body, examples and responses", () => {
  expect(operations.length).toBeGreaterThan(routes.length);
  for (const operation of operations) {
    const section = sectionOf(operation.operationId);
    for (const part of proseOf(operation.description)) expect(section).toContain(part);
    for (const { name, in: place } of operation.parameters ?? []) {
      expect(section, operation.operationId).toContain(`<code>${name}</code>`);
      expect(section, operation.operationId).toContain(`in ${place}`);
    }
    const body = operation.requestBody?.content["application/json"];
    for (const field of Object.keys(body?.schema.properties ?? {})) expect(section).toContain(`<code>${field}</code>`);
    if (body?.example !== undefined) expect(section).toContain(pretty(body.example));
    for (const [status, response] of Object.entries<Json>(operation.responses)) {
      expect(section, operation.operationId).toContain(`>${status}</dt>`);
      const example = response.content?.["application/json"]?.example;
      if (status === "200" && example !== undefined) expect(section, operation.operationId).toContain(pretty(example));
    }
  }
});

it("shows every field of every schema", () => {
  for (const [name, schema] of Object.entries<Json>(document.components.schemas)) {
    const section = sectionOf(`schema-${name}`);
    for (const [field, { description = "" }] of Object.entries<Json>(schema.properties ?? {})) {
      expect(section, name).toContain(`<code>${field}</code>`);
      for (const part of proseOf(description)) expect(section, name).toContain(part);
    }
  }
});

it("escapes the texts of the document", () => {
  const hostile = `"><script>alert(1)</script>'`;
  const operation = {
    operationId: hostile,
    tags: [hostile],
    summary: hostile,
    description: `${hostile}\`${hostile}\``,
    parameters: [{ name: hostile, in: "query", description: hostile, schema: { enum: [hostile] } }],
    requestBody: { content: { "application/json": { schema: { const: hostile }, example: { [hostile]: hostile } } } },
    responses: { 200: { description: hostile } },
  };
  const text = renderPage({
    info: { title: hostile, version: hostile, description: hostile },
    servers: [{ url: hostile }],
    tags: [{ name: hostile, description: hostile }],
    paths: { [hostile]: { get: operation } },
    webhooks: { [hostile]: { post: operation } },
    components: { schemas: { [hostile]: { description: hostile, type: hostile } }, responses: {} },
  });
  expect(text).toContain("&lt;script&gt;alert(1)");
  expect(text).not.toContain("<script");
  expect(text).not.toContain('"">');
});
