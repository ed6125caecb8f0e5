import type { JsonObject } from "../../domain/json.ts";
import type { Components } from "./schema.ts";

/** An example value of a schema, made of the `examples` in it; of several alternatives, the first. */
export function sampleOf(schema: JsonObject, components: Components): unknown {
  const sample = (each: unknown) => sampleOf((each ?? {}) as JsonObject, components);
  if (typeof schema.$ref === "string") return sample(components.get(schema.$ref.split("/").at(-1)!));
  if (Array.isArray(schema.examples)) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const alternatives = (schema.anyOf ?? schema.oneOf) as JsonObject[] | undefined;
  if (alternatives) return sample(alternatives[0]);
  const [type] = [schema.type].flat();
  switch (type) {
    case "object":
      return sampleObject(schema, sample);
    case "array":
      return sampleList(schema.items as JsonObject | undefined, sample);
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

/** Only the required fields. */
function sampleObject(
  { properties = {}, required = [] }: JsonObject,
  sample: (schema: unknown) => unknown,
): JsonObject {
  const names = required as string[];
  return Object.fromEntries(names.map(name => [name, sample((properties as JsonObject)[name])]));
}

/** One item; one of each alternative if there are several. */
function sampleList(items: JsonObject | undefined, sample: (schema: unknown) => unknown): unknown[] {
  const alternatives = (items?.oneOf ?? [items]) as unknown[];
  return alternatives.map(sample);
}
