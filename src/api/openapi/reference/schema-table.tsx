import type { Child } from "hono/jsx";
import { type JsonSchema, nameOfReference } from "./openapi-document.ts";
import { Prose } from "./prose.tsx";

/** The fields of an object as a table; any other schema as one line. */
export function SchemaTable({ schema }: { schema: JsonSchema }) {
  const properties = schema.properties as Record<string, JsonSchema> | undefined;
  if (properties === undefined) return <p>{typeText(schema)}</p>;
  const required = new Set((schema.required as string[] | undefined) ?? []);
  return (
    <table>
      {Object.entries(properties).map(([name, field]) => (
        <tr>
          <td>
            <code>{name}</code> {required.has(name) && <em>required</em>}
          </td>
          <td>{typeText(field)}</td>
          <td>
            <Prose text={String(field.description ?? "")} />
          </td>
        </tr>
      ))}
    </table>
  );
}

/** A link to a named schema. */
export function SchemaLink({ reference }: { reference: string }) {
  const name = nameOfReference(reference);
  return <a href={`#schema-${name}`}>{name}</a>;
}

/** A type in a few words. */
function typeText(schema: JsonSchema): Child {
  if (typeof schema.$ref === "string") return <SchemaLink reference={schema.$ref} />;
  if (Array.isArray(schema.enum)) return schema.enum.map(String).join(", ");
  if (schema.const !== undefined) return String(schema.const);
  const alternatives = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (alternatives) return alternatives.map((each, i) => [i > 0 && " or ", typeText(each)]);
  if (schema.type === "array") return ["list of ", typeText((schema.items as JsonSchema | undefined) ?? {})];
  const values = schema.additionalProperties;
  if (schema.type === "object" && typeof values === "object") return ["object of ", typeText(values as JsonSchema)];
  if (schema.type === "object" && schema.properties) return <SchemaTable schema={schema} />;
  const type = schema.format ?? [schema.type ?? "anything"].flat().join(" or ");
  return [type, ...boundsOf(schema)].join(", ");
}

function boundsOf(schema: JsonSchema): string[] {
  const { minimum, maximum, minLength, maxLength, default: usual } = schema as Record<string, number | undefined>;
  const bounds = [
    minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER && `from ${minimum}`,
    maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && `to ${maximum}`,
    (minLength ?? maxLength) !== undefined && `${minLength ?? 0} to ${maxLength ?? "any number of"} characters`,
    usual !== undefined && typeof usual !== "object" && `default ${usual}`,
  ];
  return bounds.filter(bound => bound !== false);
}
