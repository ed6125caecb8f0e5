import type { z } from "zod";
import { idPrefixes } from "../../domain/ids.ts";
import type { Route } from "../route.ts";
import { exampleId } from "../schemas/fields.ts";
import { problemResponses, requestId } from "./problem-responses.ts";
import { sampleOf } from "./sample.ts";
import { type Components, describeSchema } from "./schema.ts";

type Json = Record<string, unknown>;

/** One call as OpenAPI describes it, out of the very value that serves it. */
export function describeRoute(route: Route, components: Components): Json {
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: route.summary,
    description: route.access === "admin" ? `${route.description} Takes the admin key.` : route.description,
    parameters: parametersOf(route, components),
    ...(route.body && { requestBody: bodyOf(route, route.body, components) }),
    responses: { ...successes(route, components), ...problemResponses(route) },
  };
}

function parametersOf(route: Route, components: Components): Json[] {
  const path = Object.entries(route.ids ?? {}).map(([name, kind]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", pattern: `^${idPrefixes[kind]}[0-9a-f]{32}$`, examples: [exampleId(kind)] },
  }));
  const { properties = {}, required = [] } = (route.query ? describeSchema(route.query, "input", components) : {}) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  const query = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
  return [...path, ...query, ...(route.method === "POST" ? [idempotencyKey] : [])];
}

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  description: "The same key and body get the same answer for 24 hours.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};

function bodyOf(route: Route, body: z.ZodType, components: Components): Json {
  const type = route.method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const content = {
    schema: describeSchema(body, "input", components),
    ...(route.example !== undefined && { example: route.example }),
  };
  // Either type does for a patch; generators know the plain one best.
  return {
    required: route.bodyOptional !== true,
    content: { "application/json": content, ...(route.method === "PATCH" && { [type]: content }) },
  };
}

function successes(route: Route, components: Components): Json {
  const replayed = { description: "`true`: the answer kept for this Idempotency-Key", schema: { type: "string" } };
  const headers = { "x-request-id": requestId, ...(route.method === "POST" && { "idempotent-replayed": replayed }) };
  const described = Object.entries(route.answers).map(([status, { means, schema }]) => [
    status,
    { description: means, headers, ...(schema !== null && { content: contentOf(schema, components) }) },
  ]);
  return Object.fromEntries(described);
}

function contentOf(schema: z.ZodType | "bytes", components: Components): Json {
  if (schema === "bytes") return { "application/octet-stream": {} };
  const described = describeSchema(schema, "output", components);
  return { "application/json": { schema: described, example: sampleOf(described, components) } };
}
