import type { JsonObject } from "../../domain/json.ts";
import type { Channel, Provider, Reply } from "../../providers/provider.ts";
import { providers } from "../../providers/registry.ts";

/** The section of the providers' side. */
export const providerTag = {
  name: "Providers",
  description: "What providers call: the `callback_urls` of a connection. The token in the path is the key.",
};

const problem = (description: string, headers: JsonObject = {}) => ({
  description,
  headers,
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
});

const retryAfter = { "retry-after": { description: "Seconds to wait", schema: { type: "integer", minimum: 1 } } };

/** The callback URLs of every provider, as OpenAPI paths. */
export function describeProviderPaths(): Record<string, JsonObject> {
  const paths: Record<string, JsonObject> = {};
  for (const provider of providers.values()) {
    for (const [name, channel] of Object.entries(provider.channels)) {
      const methods = (channel.methods ?? ["POST"]).map(method => [
        method.toLowerCase(),
        describeChannel(provider, name, channel, method),
      ]);
      paths[`/in/${provider.id}/{token}/${name}`] = Object.fromEntries(methods);
    }
  }
  return paths;
}

function describeChannel(provider: Provider, name: string, channel: Channel, method: string): JsonObject {
  const words = [provider.id, ...name.split(/[^a-z0-9]+/i), method.toLowerCase()];
  const refused = channel.unreadable?.([{ path: "", message: "" }]) ?? null;
  return {
    operationId: `receive${words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join("")}`,
    tags: [providerTag.name],
    summary: `${provider.name}: ${name}`,
    description:
      "Kept byte for byte, then answered; a repeat gets the same answer. What cannot be read goes to quarantine.",
    security: [],
    parameters: [
      {
        ...{ name: "token", in: "path", required: true, description: "Of one connection" },
        schema: { type: "string", pattern: "^[A-Za-z0-9_-]{1,200}$" },
      },
    ],
    ...(method !== "GET" && { requestBody: bodyOf(channel) }),
    responses: {
      200: accepted(channel),
      400: {
        ...problem("The body is no object, or lacks what must be there; it is kept in quarantine."),
        ...(refused && { content: { ...contentOf(refused), ...problem("").content } }),
      },
      401: problem("Its signature, header or password does not fit."),
      403: problem("It came from an address that the connection does not accept."),
      404: problem("There is no such callback URL."),
      413: problem("It has more than 1 MiB."),
      503: problem("It could not be kept: send it again.", retryAfter),
    },
  };
}

function bodyOf(channel: Channel): JsonObject {
  const any = { schema: { type: "object" } };
  return {
    required: true,
    content: { "application/json": any, ...(channel.forms && { "application/x-www-form-urlencoded": any }) },
  };
}

/** An answer to a question comes in the same form as the one without a decision. */
function accepted(channel: Channel): JsonObject {
  const reply = channel.accepted({});
  const asks = channel.decision === undefined ? "" : ", or the answer to the provider's question";
  return { description: `The answer that the provider expects${asks}`, content: contentOf(reply) };
}

const contentOf = ({ contentType }: Reply): JsonObject => ({ [contentType.split(";")[0]!]: {} });
