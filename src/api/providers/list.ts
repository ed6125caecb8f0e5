import { z } from "zod";
import type { Kind } from "../../domain/kinds.ts";
import { kindNames } from "../../domain/kinds.ts";
import type { Provider } from "../../providers/provider.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";

const optionSchema = z.object({
  name: z.string().meta({ examples: ["command_id"] }),
  required: z.boolean().meta({ examples: [false] }),
  means: z.string().meta({ examples: ["BusinessPayment (default), SalaryPayment or PromotionPayment"] }),
});

export const providerSchema = z
  .object({
    id: z.string().meta({ examples: ["daraja"] }),
    name: z.string().meta({ examples: ["Safaricom Daraja"] }),
    channels: z.array(z.string()).meta({ examples: [["stk", "c2b/confirmation"]] }),
    credentials: z.array(
      z.object({
        name: z.string().meta({ examples: ["consumer_key"] }),
        secret: z.boolean().meta({ examples: [true] }),
        means: z.string().meta({ examples: ["the app's consumer key, for tokens"] }),
      }),
    ),
    provider_refs: z.array(z.string()).meta({ description: "Names of its ids", examples: [["checkout_request_id"]] }),
    kinds: z.array(z.enum(kindNames)).meta({ examples: [["stk_push"]] }),
    start: z
      .object({
        kinds: z.array(z.enum(kindNames)).meta({ examples: [["stk_push"]] }),
        options: z
          .record(z.string(), z.array(optionSchema))
          .meta({ description: "By kind: the names that `options` of a start takes" }),
      })
      .nullable()
      .meta({ description: "What can be started; null: nothing" }),
    poll: z
      .array(z.enum(kindNames))
      .meta({ description: "Kinds that the provider can be asked about", examples: [["stk_push"]] }),
    pull: z.boolean().meta({ description: "Whether its own list of payments can be pulled", examples: [true] }),
    register: z.boolean().meta({ description: "Whether callback URLs can be registered by a call", examples: [true] }),
  })
  .meta({ id: "Provider" });

export const listProviders = route({
  method: "GET",
  path: "/v1/providers",
  tag: "Connections",
  name: "listProviders",
  summary: "List the providers",
  description: "Channels, credentials, ids and kinds of each, and what can be started at it. All of them on one page.",
  access: "any",
  responses: { 200: { description: "The providers", schema: z.object({ data: z.array(providerSchema) }) } },
  async handle(_call, { providers }) {
    return ok({ data: [...providers.values()].map(providerJson) });
  },
});

function providerJson(provider: Provider) {
  const { id, name, channels, credentials, refs = [], kinds, start, status, pull, register } = provider;
  return {
    id,
    name,
    channels: Object.keys(channels),
    credentials: credentials.map(({ name, secret, means }) => ({ name, secret, means })),
    provider_refs: [...refs],
    kinds,
    start: start
      ? {
          kinds: Object.keys(start.kinds) as Kind[],
          options: Object.fromEntries(
            Object.entries(start.kinds).map(([kind, { options }]) => [
              kind,
              Object.entries(options).map(([option, { required, means }]) => ({ name: option, required, means })),
            ]),
          ),
        }
      : null,
    poll: Object.keys(status?.kinds ?? {}) as Kind[],
    pull: pull !== null,
    register: register !== null,
  };
}
