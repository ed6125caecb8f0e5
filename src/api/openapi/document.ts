import { version } from "../../version.ts";
import { type ProcessRoute, processRoutes } from "../health/routes.ts";
import { type Route, tags } from "../route.ts";
import { describeRoute } from "./operation.ts";
import { usualResponses } from "./problem-responses.ts";
import { problemSchema } from "./problem-schema.ts";
import { type Components, describeSchema } from "./schema.ts";
import { describeWebhooks } from "./webhooks.ts";

type Json = Record<string, unknown>;

const description = `Hakika tells a merchant, once and for certain, what became of every mobile money payment.

Times are RFC 3339 in UTC with milliseconds. Money is a decimal string beside an ISO 4217 currency. Lists are newest first; \
send \`next_cursor\` back as \`cursor\` for the next page. Errors are RFC 9457 problems. Fields that are not known are refused \
by name; in a POST null counts as left out.`;

/** The OpenAPI 3.1 document of these calls. */
export function describeApi(routes: Route[], publicUrl: string): Json {
  const components: Components = new Map();
  describeSchema(problemSchema, "output", components);
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: describeRoute(route, components) };
  }
  for (const route of processRoutes) paths[route.path] = { get: describeProcessRoute(route, components) };
  return {
    openapi: "3.1.0",
    info: { title: "Hakika", version, description, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: publicUrl }],
    security: [{ key: [] }],
    tags: Object.entries(tags).map(([name, means]) => ({ name, description: means })),
    paths,
    webhooks: describeWebhooks(components),
    components: {
      responses: usualResponses(),
      schemas: Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "The admin key, or a merchant's key (`hk_...`)" },
      },
    },
  };
}

function describeProcessRoute(route: ProcessRoute, components: Components): Json {
  const responses = Object.entries(route.answers).map(([status, { means, schema }]) => [
    status,
    {
      description: means,
      content:
        schema === "text"
          ? { "text/plain": { schema: { type: "string" } } }
          : { "application/json": { schema: describeSchema(schema, "output", components) } },
    },
  ]);
  return {
    operationId: route.name,
    tags: ["Process"],
    summary: route.summary,
    description: route.description,
    security: [],
    responses: Object.fromEntries(responses),
  };
}
