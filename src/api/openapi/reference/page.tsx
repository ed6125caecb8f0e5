import { createHash } from "node:crypto";
import { raw } from "hono/html";
import { nameOfReference, type OpenApiDocument, type OpenApiOperation } from "./openapi-document.ts";
import { OperationSection } from "./operation-section.tsx";
import { Prose } from "./prose.tsx";
import { SchemaTable } from "./schema-table.tsx";
import { style } from "./style.ts";

/** Nothing is loaded and nothing runs: the only style is allowed by its hash. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The reference page: an OpenAPI document made readable, as one HTML file without scripts. */
export function renderPage(json: Record<string, unknown>): string {
  const document = json as unknown as OpenApiDocument;
  const title = `${document.info.title} API`;
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>{title}</title>
        <style>{raw(style)}</style>
      </head>
      <body>
        <Navigation title={title} document={document} />
        <Content document={document} />
      </body>
    </html>
  );
  return ["<!doctype html>", String(page), ""].join("\n");
}

type DocumentProps = { document: OpenApiDocument };

function Navigation({
  title,
  document: { info, tags, paths, webhooks, components },
}: DocumentProps & { title: string }) {
  return (
    <nav>
      <h1>{title}</h1>
      <p>
        {info.version} · <a href="/openapi.json">openapi.json</a>
      </p>
      {tags.map(({ name }) => (
        <>
          <h2>{name}</h2>
          <ul>
            {operationsOf(paths, name).map(({ path, method, operation }) => (
              <li>
                <a href={`#${operation.operationId}`} title={`${method} ${path}`}>
                  {operation.summary}
                </a>
              </li>
            ))}
          </ul>
        </>
      ))}
      <h2>Events</h2>
      <ul>
        {Object.values(webhooks).map(({ post }) => (
          <li>
            <a href={`#${post.operationId}`}>{post.summary}</a>
          </li>
        ))}
      </ul>
      <h2>Schemas</h2>
      <ul>
        {Object.keys(components.schemas).map(name => (
          <li>
            <a href={`#schema-${name}`}>{name}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Content({ document }: DocumentProps) {
  const { info, tags, paths, webhooks, servers, components } = document;
  return (
    <main>
      {info.description.split("\n\n").map(text => (
        <p>
          <Prose text={text} />
        </p>
      ))}
      {tags.map(({ name, description }) => (
        <>
          <h2>{name}</h2>
          <p>
            <Prose text={description} />
          </p>
          {operationsOf(paths, name).map(each => (
            <OperationSection {...each} responses={responsesOf(each.operation, document)} serverUrl={servers[0]!.url} />
          ))}
        </>
      ))}
      <h2>Events</h2>
      <p>Requests that Hakika sends to the endpoints of a merchant.</p>
      {Object.values(webhooks).map(({ post }) => (
        <OperationSection
          operation={post}
          method="POST"
          path="the endpoint's url"
          responses={responsesOf(post, document)}
          serverUrl={null}
        />
      ))}
      <h2>Schemas</h2>
      {Object.entries(components.schemas).map(([name, schema]) => (
        <section id={`schema-${name}`}>
          <h3>{name}</h3>
          {typeof schema.description === "string" && (
            <p>
              <Prose text={schema.description} />
            </p>
          )}
          <SchemaTable schema={schema} />
        </section>
      ))}
    </main>
  );
}

function operationsOf(paths: OpenApiDocument["paths"], tag: string) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
}

/** The responses of an operation, with references to shared ones resolved. */
function responsesOf({ responses }: OpenApiOperation, { components }: OpenApiDocument) {
  return Object.entries(responses).map(([status, response]) => ({
    status,
    ...("$ref" in response ? components.responses[nameOfReference(response.$ref)]! : response),
  }));
}
