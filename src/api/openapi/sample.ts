import type { Components } from "./schema.ts";

type Json = Record<string, unknown>;

/** What an answer looks like: a value of a described schema, made of the examples that stand in it. */
export function sampleOf(schema: Json, components: Components): unknown {
  const of = (each: unknown) => sampleOf((each ?? {}) as Json, components);
  if (typeof schema.$ref === "string") return of(components.get(schema.$ref.split("/").at(-1)!));
  if (Array.isArray(schema.examples)) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const either = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (either) return of(either[0]);
  const [type] = [schema.type].flat();
  switch (type) {
    case "object":
      return objectOf(schema, of);
    case "array":
      return listOf(schema.items as Json | undefined, of);
    case "string":
      return "text";
    case "integer":
    case "number":
      return 1;
    case "boolean":
      return true;
    default:
      return null;
  }
}

function objectOf({ properties = {}, required = [] }: Json, of: (schema: unknown) => unknown): Json {
  const names = required as string[];
  return Object.fromEntries(names.map(name => [name, of((properties as Json)[name])]));
}

/** One item, or one of each kind. */
function listOf(items: Json | undefined, of: (schema: unknown) => unknown): unknown[] {
  const kinds = (items?.oneOf ?? [items]) as unknown[];
  return kinds.map(of);
}
