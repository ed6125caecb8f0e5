import type { z } from "zod";
import { idPattern } from "../../domain/ids.ts";
import type { JsonObject } from "../../domain/json.ts";
import { roleOf, scopeOf } from "../permission.ts";
import type { Route, Success } from "../route.ts";
import { exampleId } from "../schemas/fields.ts";
import { linksOf } from "./links.ts";
import { problemResponses, requestId } from "./problem-responses.ts";
import { sampleOf } from "./sample.ts";
import { type Components, describeSchema } from "./schema.ts";
import { withNulls } from "./written.ts";

/** A route as an OpenAPI operation, generated from the value that also serves it. */
export function describeRoute(route: Route, components: Components, routes: readonly Route[]): JsonObject {
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: route.summary,
    description: `${route.description} ${whoMay(route)}`,
    security: [{ adminKey: [roleOf(route)] }, ...(route.access === "admin" ? [] : [{ merchantKey: [scopeOf(route)] }])],
    parameters: parametersOf(route, components),
    ...(route.body && { requestBody: bodyOf(route, route.body, components) }),
    ...(route.file && { requestBody: fileBody(route.file) }),
    responses: { ...successes(route, components, routes), ...problemResponses(route) },
  };
}

/** Who may call, in words. */
function whoMay(route: Route): string {
  const role = roleOf(route);
  const operators = role === "admin" ? "operators of role `admin`" : `operators from \`${role}\` up`;
  if (route.access === "admin") return `For the admin key and ${operators} alone.`;
  return `A merchant's key needs the scope \`${scopeOf(route)}\`; ${operators} may call it too.`;
}

function parametersOf(route: Route, components: Components): JsonObject[] {
  const path = Object.entries(route.ids ?? {}).map(([name, kind]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", pattern: idPattern(kind), examples: [exampleId(kind)] },
  }));
  const { properties = {}, required = [] } = (route.query ? describeSchema(route.query, "input", components) : {}) as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  const query = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
  const headers = Object.entries(route.headers ?? {}).map(([name, description]) => ({
    name,
    in: "header",
    description,
    schema: { type: "string" },
  }));
  return [...path, ...query, ...headers, ...(takesIdempotencyKey(route) ? [idempotencyKey(route)] : [])];
}

/** A file is recognized by its bytes. */
const takesIdempotencyKey = (route: Route) => route.method === "POST" && !route.file && route.idempotency !== "none";

function fileBody(types: readonly string[]): JsonObject {
  return { required: true, content: Object.fromEntries(types.map(type => [type, {}])) };
}

const idempotencyKey = ({ idempotency }: Route): JsonObject => ({
  name: "Idempotency-Key",
  in: "header",
  ...(idempotency === "for good" && { required: true }),
  description:
    idempotency === "for good"
      ? "One for each order, the same for each attempt at it: the order is sent once, for good."
      : "The same key with the same body gets the same response for 24 hours.",
  schema: { type: "string", pattern: "^[\\x21-\\x7e]{1,255}$" },
});

function bodyOf(route: Route, body: z.ZodType, components: Components): JsonObject {
  const type = route.method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const described = describeSchema(body, "input", components);
  const content = {
    schema: route.method === "POST" ? withNulls(described) : described,
    ...(route.example !== undefined && { example: route.example }),
  };
  // A patch may have either type. Generators of clients handle the plain one best.
  return {
    required: route.bodyOptional !== true,
    content: { "application/json": content, ...(route.method === "PATCH" && { [type]: content }) },
  };
}

function successes(route: Route, components: Components, routes: readonly Route[]): JsonObject {
  const replayed = { description: "`true`: the stored response of this Idempotency-Key", schema: { type: "string" } };
  const headers = { "x-request-id": requestId, ...(takesIdempotencyKey(route) && { "idempotent-replayed": replayed }) };
  const described = Object.entries(route.responses).map(([status, { description, schema }]) => [
    status,
    {
      description,
      headers,
      ...(schema !== null && { content: contentOf(schema, components) }),
      ...(makes(route, schema) && { links: linksOf(route, resolved(schema, components), routes) }),
    },
  ]);
  return Object.fromEntries(described);
}

/** Only what makes or changes something leads on: a read has the ids that it was given. */
function makes(route: Route, schema: Success["schema"]): schema is z.ZodType {
  return route.method === "POST" && schema !== null && typeof schema !== "string";
}

function resolved(schema: z.ZodType, components: Components): JsonObject {
  const described = describeSchema(schema, "output", components);
  return typeof described.$ref === "string" ? components.get(described.$ref.split("/").at(-1)!)! : described;
}

function contentOf(schema: Exclude<Success["schema"], null>, components: Components): JsonObject {
  if (schema === "bytes") return { "*/*": {} };
  if (schema === "csv") return { "text/csv": { schema: { type: "string" } } };
  if (schema === "events") return { "text/event-stream": { schema: { type: "string" } } };
  const described = describeSchema(schema, "output", components);
  return { "application/json": { schema: described, example: sampleOf(described, components) } };
}
