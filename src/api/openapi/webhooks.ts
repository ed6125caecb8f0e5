import { z } from "zod";
import type { JsonObject } from "../../domain/json.ts";
import { environments, statuses } from "../../domain/kinds.ts";
import { alertSchema } from "../alerts/alert-schema.ts";
import { eventTypes, messageTypes } from "../endpoints/event-types.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import { transactionSchema } from "../transactions/transaction-schema.ts";
import { sessionSchema } from "../ussd-sessions/session-schema.ts";
import { sampleOf } from "./sample.ts";
import { type Components, describeSchema } from "./schema.ts";

type EventTypes = [string, ...string[]];

const startsWith = (...families: string[]) =>
  eventTypes.filter(type => families.includes(type.split(".")[0]!)) as EventTypes;

const event = (types: EventTypes, data: z.ZodType, example = types[0]) =>
  z.object({ id: idOutput("event"), type: z.enum(types).meta({ examples: [example] }), timestamp: timeOutput, data });

const environment = z
  .enum(environments)
  .meta({ description: "`sandbox`: no real money. The header `Hakika-Environment` says the same." });

const ofTransaction = z.object({
  environment,
  transaction: transactionSchema,
  previous_status: z.enum(statuses).nullable().meta({ description: "null: a callback created the transaction" }),
  sequence: z.int().meta({ description: "Numbers the events of a transaction, from 1 without gaps" }),
  correction: z.boolean().meta({
    description: "An earlier event said `failed` or `expired`, and the payment succeeded after all",
    examples: [false],
  }),
  from: idOutput("transaction")
    .optional()
    .meta({ description: "With `transaction.merged`: the id that is now an alias of `into`" }),
  into: idOutput("transaction").optional(),
  duplicate_of: idOutput("transaction").optional().meta({ description: "With a review for `duplicate_receipt`" }),
});

const ofChat = z.object({
  environment,
  connection_id: idOutput("connection"),
  provider: z.string().meta({ examples: ["codian"] }),
  callback_id: idOutput("callback"),
  payload: z.record(z.string(), z.unknown()).meta({ description: "As the provider sent it", examples: [{}] }),
});

const ofEndpoint = z.object({
  environment: environment.meta({ description: "The endpoint's own; `production` where it takes any" }),
  endpoint_id: idOutput("endpoint"),
  url: z.string().optional(),
  reason: z.string().optional().meta({ description: "With `endpoint.disabled`" }),
  failing_since: timeOutput.nullable().optional(),
  disabled_at: timeOutput.optional(),
});

/** The bodies that endpoints receive, by subject. */
export const webhooks = {
  transactionEvent: {
    summary: "A transaction changed its status, was given back in part, needs a review, or was merged",
    schema: event(
      startsWith("payment", "payout", "airtime", "bill", "message", "transaction"),
      ofTransaction,
      "payment.completed",
    ).meta({
      id: "TransactionEvent",
    }),
  },
  chatEvent: {
    summary: "A message of the provider that is about no transaction, such as a chat message",
    schema: event(messageTypes as EventTypes, ofChat).meta({ id: "ChatEvent" }),
  },
  ussdEvent: {
    summary: "A USSD session ended",
    schema: event(startsWith("ussd"), z.object({ environment, session: sessionSchema })).meta({ id: "UssdEvent" }),
  },
  alertEvent: {
    summary: "An alert of the merchant opened or closed",
    schema: event(
      startsWith("alert"),
      z.object({
        environment,
        alert: alertSchema,
        reminder: z
          .int()
          .optional()
          .meta({ examples: [1] }),
      }),
    ).meta({
      id: "AlertEvent",
    }),
  },
  endpointEvent: {
    summary: "A test event, or the notice that another endpoint was disabled",
    schema: event(startsWith("endpoint"), ofEndpoint).meta({ id: "EndpointEvent" }),
  },
} as const;

const header = (name: string, description: string) => ({
  name,
  in: "header",
  required: true,
  description,
  schema: { type: "string" },
});

const signed = [
  header("webhook-id", "The event's id, the same on every attempt: use it to ignore repeats"),
  header("webhook-timestamp", "Unix time of this attempt, in seconds"),
  header("webhook-signature", "`v1,` and base64 HMAC-SHA256 of `id.timestamp.body`, one for each active secret"),
  header("hakika-environment", "`data.environment`: whether the event is about real money"),
];

/** The webhooks of the OpenAPI 3.1 document. */
export function describeWebhooks(components: Components): JsonObject {
  const described = Object.entries(webhooks).map(([name, { summary, schema }]) => {
    const body = describeSchema(schema, "output", components);
    const content = { "application/json": { schema: body, example: sampleOf(body, components) } };
    const post = {
      operationId: name,
      tags: ["Events and deliveries"],
      summary,
      description:
        "Signed as in Standard Webhooks 1.0. Respond with 2xx within 15 s; anything else is retried by the schedule.",
      security: [],
      parameters: signed,
      requestBody: { required: true, content },
      responses: { "2XX": { description: "Delivered" }, "410": { description: "Disables the endpoint at once" } },
    };
    return [name, { post }];
  });
  return Object.fromEntries(described);
}
