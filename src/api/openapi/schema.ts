import { z } from "zod";
import type { JsonObject } from "../../domain/json.ts";
import { writeText } from "./written.ts";

/** The named schemas of a document, collected while its parts are described. */
export type Components = Map<string, JsonObject>;

/**
 * A schema for OpenAPI 3.1 (JSON Schema 2020-12). A named schema (`meta({ id })`) goes into the components and is
 * referred to.
 */
export function describeSchema(schema: z.ZodType, io: "input" | "output", components: Components): JsonObject {
  // Wrapped in an object, so that a named schema at the root becomes a reference too.
  const { $defs = {}, properties } = z.toJSONSchema(z.object({ it: schema }), {
    io,
    target: "draft-2020-12",
    override({ zodSchema, jsonSchema }) {
      if (io === "input") writeText(zodSchema, jsonSchema as JsonObject);
      // Output may gain fields: a client that refuses unknown ones would break on the next version. Input stays strict.
      if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  }) as unknown as { $defs?: Record<string, JsonObject>; properties: { it: JsonObject } };
  for (const [name, definition] of Object.entries($defs)) {
    // A schema of both input and output is documented once, as strict as the input is.
    if (io === "input" || !components.has(name)) components.set(name, withComponentRefs(definition));
  }
  return withComponentRefs(properties.it);
}

/** Points references from zod's `$defs` to OpenAPI's components. */
function withComponentRefs(schema: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
