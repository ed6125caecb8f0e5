import type { JsonObject } from "../../domain/json.ts";
import { version } from "../../version.ts";
import { type ProcessRoute, processRoutes } from "../health/routes.ts";
import { type Route, tags } from "../route.ts";
import { describeRoute } from "./operation.ts";
import { usualResponses } from "./problem-responses.ts";
import { problemSchema } from "./problem-schema.ts";
import { describeProviderPaths, providerTag } from "./provider-paths.ts";
import { type Components, describeSchema } from "./schema.ts";
import { describeWebhooks } from "./webhooks.ts";

const description = `Hakika tells merchants, once and for certain, how each of their mobile money payments ended.

Times are RFC 3339 in UTC with milliseconds. Money is a decimal string with an ISO 4217 currency beside it. Lists are \
newest first; send \`next_cursor\` as \`cursor\` for the next page. Errors are RFC 9457 problems. Unknown fields are \
refused by name. In a POST, a null field counts as absent.`;

/** The OpenAPI 3.1 document of these routes. */
export function describeApi(routes: Route[], publicUrl: string): JsonObject {
  const components: Components = new Map();
  describeSchema(problemSchema, "output", components);
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: describeRoute(route, components, routes),
    };
  }
  for (const route of processRoutes) paths[route.path] = { get: describeProcessRoute(route, components) };
  Object.assign(paths, describeProviderPaths());
  return {
    openapi: "3.1.0",
    info: { title: "Hakika", version, description, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: publicUrl }],
    security: [{ adminKey: [] }, { merchantKey: [] }],
    tags: [...Object.entries(tags).map(([name, description]) => ({ name, description })), providerTag],
    paths,
    webhooks: describeWebhooks(components),
    components: {
      responses: usualResponses(),
      schemas: Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        adminKey: {
          type: "http",
          scheme: "bearer",
          description:
            "The admin key, or an operator's (`hko_...`); the operation names the lowest role: " +
            "`viewer`, `support`, `admin`",
        },
        merchantKey: {
          type: "http",
          scheme: "bearer",
          description:
            "A merchant's key (`hk_...`); the operation names the scope that it needs: " +
            "`read`, `register`, `start`, `decide`, `manage`",
        },
      },
    },
  };
}

function describeProcessRoute(route: ProcessRoute, components: Components): JsonObject {
  const responses = Object.entries(route.responses).map(([status, { description, schema }]) => [
    status,
    {
      description,
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
