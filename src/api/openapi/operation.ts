import { z } from "zod";
import { idPrefixes } from "../../domain/ids.ts";
import type { Route } from "../route.ts";
import { exampleId } from "../schemas/fields.ts";
import { type Components, describeSchema } from "./schema.ts";

type Json = Record<string, unknown>;

/** What any call of a shape may refuse; a route's own `problems` are said in their place. */
const usual = {
  400: "The body is not a JSON object.",
  401: "No key, or a wrong one.",
  404: "There is no such thing, or it is another merchant's.",
  409: "The first request with this Idempotency-Key is still running.",
  413: "The body is larger than 1 MiB.",
  415: "The body is not declared as JSON.",
  422: "A field is wrong; `errors` names it.",
  503: "The database cannot be reached.",
} as const satisfies Record<number, string>;

/** One call as OpenAPI describes it, out of the very value that serves it. */
export function describeRoute(route: Route, components: Components): Json {
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, route.access === "admin" ? "Takes the admin key." : undefined]
      .filter(Boolean)
      .join(" "),
    parameters: parametersOf(route, components),
    ...(route.body && { requestBody: bodyOf(route, route.body, components) }),
    responses: { ...successes(route, components), ...refusals(route) },
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
  const described = Object.entries(route.answers).map(([status, { means, schema }]) => [
    status,
    {
      description: means,
      headers: { "x-request-id": { schema: { type: "string" } } },
      ...(schema === "bytes" && { content: { "application/octet-stream": {} } }),
      ...(schema instanceof z.ZodType && {
        content: { "application/json": { schema: describeSchema(schema, "output", components) } },
      }),
    },
  ]);
  return Object.fromEntries(described);
}

function refusals(route: Route): Json {
  const statuses: (keyof typeof usual)[] = [
    401,
    503,
    ...(route.body ? ([400, 413, 415, 422] as const) : []),
    ...(route.query || route.method === "POST" ? ([422] as const) : []),
    ...(route.ids || route.query ? ([404] as const) : []),
  ];
  const texts: Record<number, string> = Object.fromEntries(statuses.map(status => [status, usual[status]]));
  const own = route.problems ?? {};
  const conflict = route.method === "POST" ? { 409: [own[409], usual[409]].filter(Boolean).join(" Or: ") } : {};
  const all = Object.entries({ ...texts, ...own, ...conflict });
  return Object.fromEntries(all.map(([status, description]) => [status, problemAnswer(description)]));
}

/** A refusal, as every call gives it. */
function problemAnswer(description: string): Json {
  return {
    description,
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}
