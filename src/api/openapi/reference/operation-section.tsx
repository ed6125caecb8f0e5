import type { OpenApiOperation, OpenApiParameter, OpenApiResponse } from "./openapi-document.ts";
import { Prose } from "./prose.tsx";
import { SchemaLink, SchemaTable } from "./schema-table.tsx";

type OperationProps = {
  operation: OpenApiOperation;
  method: string;
  path: string;
  responses: ({ status: string } & OpenApiResponse)[];
  /** Where the operation is called, shown as a curl command; null for a webhook. */
  serverUrl: string | null;
};

/** One operation: parameters, body, an example with its response, and all responses. */
export function OperationSection({ operation, method, path, responses, serverUrl }: OperationProps) {
  const { operationId, summary, description = "", parameters = [] } = operation;
  const body = operation.requestBody?.content["application/json"];
  const success = responses.find(({ status }) => status.startsWith("2"))?.content?.["application/json"]?.example;
  return (
    <section id={operationId}>
      <h3>
        <span class={`method ${method.toLowerCase()}`}>{method}</span> <code>{path}</code>
      </h3>
      <p>
        <strong>{summary}.</strong> <Prose text={description} />
      </p>
      {parameters.length > 0 && (
        <>
          <h4>Parameters</h4>
          <SchemaTable schema={schemaOfParameters(parameters)} />
        </>
      )}
      {body && (
        <>
          <h4>Body</h4>
          <SchemaTable schema={body.schema} />
        </>
      )}
      {body?.example !== undefined && (
        <>
          <h4>Example</h4>
          <pre>{serverUrl === null ? json(body.example) : curl(method, serverUrl + path, body.example)}</pre>
        </>
      )}
      {success !== undefined && (
        <>
          <h4>Example response</h4>
          <pre>{json(success)}</pre>
        </>
      )}
      <h4>Responses</h4>
      <dl>
        {responses.map(response => (
          <ResponseEntry response={response} />
        ))}
      </dl>
    </section>
  );
}

function ResponseEntry({ response: { status, description, content } }: { response: OperationProps["responses"][0] }) {
  const schema = Object.values(content ?? {})[0]?.schema;
  return (
    <>
      <dt class={`status-${status[0]}`}>{status}</dt>
      <dd>
        <Prose text={description} /> {typeof schema?.$ref === "string" && <SchemaLink reference={schema.$ref} />}
      </dd>
    </>
  );
}

/** Parameters as the fields of one object, each with the place where it is sent. */
function schemaOfParameters(parameters: OpenApiParameter[]) {
  const properties = parameters.map(({ name, in: place, description, schema }) => [
    name,
    { ...schema, description: [`in ${place}`, description].filter(Boolean).join(". ") },
  ]);
  const required = parameters.filter(each => each.required).map(({ name }) => name);
  return { properties: Object.fromEntries(properties), required };
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function curl(method: string, url: string, example: unknown): string {
  const lines = [
    `curl -X ${method} ${url}`,
    `  -H "Authorization: Bearer $HAKIKA_KEY"`,
    `  -H "Content-Type: application/json"`,
    `  -d '${json(example)}'`,
  ];
  return lines.join(" \\\n");
}
