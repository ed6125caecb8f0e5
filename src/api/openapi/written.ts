import type { z } from "zod";
import type { JsonObject } from "../../domain/json.ts";
import { noControlCharacters } from "../schemas/fields.ts";

/** No NUL: PostgreSQL cannot store it. */
const storable = "^[^\\u0000]*$";

/** A text of an input as it is really taken, where what zod writes says less or more. */
export function writeText(schema: z.core.$ZodType, json: JsonObject): void {
  if (json.type !== "string" || json.enum !== undefined || json.const !== undefined || json.format !== undefined)
    return;
  if (isTrimmed(schema)) writeTrimmed(json);
  else if (json.pattern === undefined && json.allOf === undefined) json.pattern = storable;
}

function isTrimmed(schema: z.core.$ZodType): boolean {
  const { checks = [] } = schema._zod.def as { checks?: z.core.$ZodCheck[] };
  return checks.some(check => check._zod.def.check === "overwrite");
}

/** Blanks around the text count for nothing, so bounds and pattern are of what is between them. */
function writeTrimmed(json: JsonObject): void {
  const isLine = json.pattern === noControlCharacters.source;
  const inside = isLine ? "[^\\u0000-\\u001f\\u007f-\\u009f]" : "[^\\u0000]";
  const edge = isLine ? "[^\\s\\u0000-\\u001f\\u007f-\\u009f]" : "[^\\s\\u0000]";
  const min = Number(json.minLength ?? 0);
  const rest = `${inside}{${Math.max(0, min - 2)},${Number(json.maxLength ?? 1_000) - 2}}${edge}`;
  const between = min > 1 ? `${edge}${rest}` : `${edge}(?:${rest})?`;
  const isOptional = min === 0;
  for (const name of ["minLength", "maxLength", "pattern"]) delete json[name];
  json.pattern = `^\\s*${isOptional ? `(?:${between})?` : between}\\s*$`;
}

/** In a POST a field that is null counts as left out, where it may be left out. */
export function withNulls(body: JsonObject): JsonObject {
  const alternatives = body.oneOf as JsonObject[] | undefined;
  if (alternatives) return { ...body, oneOf: alternatives.map(withNulls) };
  const required = (body.required ?? []) as string[];
  const properties = Object.entries((body.properties ?? {}) as Record<string, JsonObject>);
  const written = properties.map(([name, schema]) => [name, required.includes(name) ? schema : orNull(schema)]);
  return { ...body, properties: Object.fromEntries(written) };
}

/** A merge patch of what a schema describes: nothing is required, and null takes away. */
export function patchOf(schema: JsonObject): JsonObject {
  const { required: _, default: __, ...rest } = schema;
  if (rest.properties === undefined) return rest;
  const written = Object.entries(rest.properties as Record<string, JsonObject>).map(([name, property]) => [
    name,
    orNull(patchOf(property)),
  ]);
  return { ...rest, properties: Object.fromEntries(written) };
}

function orNull(schema: JsonObject): JsonObject {
  const alternatives = (schema.anyOf ?? []) as JsonObject[];
  if (alternatives.some(({ type }) => type === "null") || [schema.type].flat().includes("null")) return schema;
  const { description, examples, default: _, ...rest } = schema;
  return {
    anyOf: [rest, { type: "null" }],
    ...(description !== undefined && { description }),
    ...(examples !== undefined && { examples }),
  };
}
