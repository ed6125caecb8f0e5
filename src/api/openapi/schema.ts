import { z } from "zod";

type Json = Record<string, unknown>;

/** The named schemas of a document, gathered while its parts are described. */
export type Components = Map<string, Json>;

/**
 * A schema as OpenAPI 3.1 has it (JSON Schema 2020-12). Named ones (`meta({ id })`) go to the components, once, and are
 * referred to.
 */
export function describeSchema(schema: z.ZodType, io: "input" | "output", components: Components): Json {
  // Wrapped, so that a named schema at the root becomes a reference too.
  const { $defs = {}, properties } = z.toJSONSchema(z.object({ it: schema }), {
    io,
    target: "draft-2020-12",
    override({ jsonSchema }) {
      // Input is strict and says so. Output may gain fields: a client that refuses them would break on the next version.
      if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  }) as unknown as { $defs?: Record<string, Json>; properties: { it: Json } };
  for (const [name, definition] of Object.entries($defs)) components.set(name, pointed(definition));
  return pointed(properties.it);
}

/** References moved from where zod puts definitions to where OpenAPI has them. */
function pointed(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
