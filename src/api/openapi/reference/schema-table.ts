import { html } from "hono/html";
import { prose } from "./prose.ts";

type Json = Record<string, unknown>;

/** A schema's fields as a table; what is no object as one line. */
export function schemaRows(schema: Json) {
  const properties = schema.properties as Record<string, Json> | undefined;
  if (!properties) return html`<p>${typeText(schema)}</p>`;
  const required = new Set((schema.required as string[] | undefined) ?? []);
  return html`<table>${Object.entries(properties).map(
    ([name, field]) => html`<tr><td><code>${name}</code>${required.has(name) ? html` <em>required</em>` : ""}</td>
<td>${typeText(field)}</td><td>${prose(String(field.description ?? ""))}</td></tr>`,
  )}</table>`;
}

/** A type in a few words, named schemas as links. */
function typeText(schema: Json): unknown {
  if (typeof schema.$ref === "string") {
    const name = schema.$ref.split("/").at(-1);
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (Array.isArray(schema.enum)) return schema.enum.map(String).join(", ");
  if (schema.const !== undefined) return String(schema.const);
  const either = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (either) return joined(either.map(typeText));
  if (schema.type === "array") return html`list of ${typeText((schema.items as Json) ?? {})}`;
  const values = schema.additionalProperties;
  if (schema.type === "object" && typeof values === "object") return html`object of ${typeText(values as Json)}`;
  if (schema.type === "object" && schema.properties) return schemaRows(schema);
  return [schema.format ?? [schema.type ?? "anything"].flat().join(" or "), bounds(schema)].filter(Boolean).join(", ");
}

function joined(parts: unknown[]) {
  return parts.map((part, i) => (i === 0 ? part : html` or ${part}`));
}

function bounds(schema: Json): string {
  const { minimum, maximum, minLength, maxLength, default: usual } = schema as Record<string, number | undefined>;
  return [
    minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? `from ${minimum}` : "",
    maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? `to ${maximum}` : "",
    minLength === undefined && maxLength === undefined
      ? ""
      : `${minLength ?? 0} to ${maxLength ?? "any number of"} characters`,
    usual === undefined || typeof usual === "object" ? "" : `${usual} unless given`,
  ]
    .filter(Boolean)
    .join(", ");
}
