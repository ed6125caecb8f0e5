import { z } from "zod";
import { sources, strengths } from "../../domain/evidence.ts";
import { kindNames, statuses } from "../../domain/kinds.ts";
import { startStates } from "../../domain/transaction.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import { transactionShape } from "./transaction-schema.ts";

const { provider_refs, reference, amount, currency, phone, result, review } = transactionShape;

const registered = {
  kind: z.enum(kindNames).meta({ examples: ["stk_push"] }),
  provider_refs,
  reference,
  amount,
  currency,
  phone,
  expires_at: timeOutput.nullable().meta({ examples: [null] }),
};

const registrationEntry = z.object({
  type: z.literal("registration"),
  at: timeOutput,
  by: z
    .object({ kind: z.enum(["admin", "operator", "key"]), id: z.string().nullable(), name: z.string().nullable() })
    .meta({ description: "The key it came with", examples: [{ kind: "admin", id: null, name: null }] }),
  ...registered,
  amended_from: z
    .object(registered)
    .nullable()
    .meta({ description: "The values that it replaced; null where it replaced nothing", examples: [null] }),
});

const evidenceEntry = z.object({
  type: z.literal("evidence"),
  at: timeOutput,
  source: z.enum(sources).meta({ examples: ["callback"] }),
  strength: z.enum(strengths).meta({
    description: "The strength that it counts with: a hint about what is registered is a `match`",
    examples: ["match"],
  }),
  says: z.string().meta({ examples: ["completed"] }),
  callback_id: idOutput("callback").nullable(),
  provider_refs,
  amount,
  currency,
  result,
  detail: z
    .string()
    .nullable()
    .meta({ description: "What it is about, where `says` does not tell it", examples: [null] }),
  related: z.array(idOutput("transaction")).meta({ description: "Other transactions that it is about" }),
  note: z
    .string()
    .nullable()
    .meta({
      description: "With an operator's decision, and with a payment that came although its validation was refused",
      examples: [null],
    }),
});

const pollEntry = z.object({
  type: z.literal("poll"),
  at: timeOutput,
  outcome: z.string().meta({
    description:
      "`answered`, `not-yet`, `not-found`, `deferred` (the answer comes by callback), `stop`, `throttled`, " +
      "`refused`, `credentials-refused` or `unavailable`",
    examples: ["not-yet"],
  }),
  reason: z
    .string()
    .nullable()
    .meta({ description: "Codes and names of fields, never values", examples: ["HTTP 500"] }),
  latency_ms: z
    .int()
    .nullable()
    .meta({ examples: [412] }),
});

const startEntry = z.object({
  type: z.literal("start"),
  at: timeOutput.meta({ description: "When the call was made" }),
  state: z.enum(startStates).meta({ examples: ["accepted"] }),
  provider_message: z
    .string()
    .nullable()
    .meta({ description: "The provider's own code and words", examples: [null] }),
  latency_ms: z
    .int()
    .nullable()
    .meta({ description: "null: no answer was recorded", examples: [412] }),
});

const decisionEntry = z.object({
  type: z.literal("decision"),
  at: timeOutput,
  status: z.enum(statuses).meta({ examples: ["completed"] }),
  previous_status: z.enum(statuses).nullable(),
  status_source: z.enum(sources).meta({ examples: ["callback"] }),
  version: z.int().meta({ examples: [2] }),
  review,
});

const eventEntry = z.object({
  type: z.literal("event"),
  at: timeOutput,
  event_id: idOutput("event"),
  event_type: z.string().meta({ examples: ["payment.completed"] }),
  sequence: z.int().nullable(),
  deliveries: z.array(
    z.object({
      id: idOutput("delivery"),
      endpoint_id: idOutput("endpoint"),
      state: z.enum(["pending", "delivered", "failed"]).meta({ examples: ["delivered"] }),
      attempt_count: z.int(),
    }),
  ),
});

/** The timeline of a transaction, as the API shows it. */
export const timelineSchema = z
  .array(
    z.discriminatedUnion("type", [registrationEntry, startEntry, pollEntry, evidenceEntry, decisionEntry, eventEntry]),
  )
  .meta({ description: "Registrations, starts, polls, evidence, decisions and events, oldest first" });

export type TimelineEntry = z.output<typeof timelineSchema>[number];
export type TimelineEntryOf<Type extends TimelineEntry["type"]> = Extract<TimelineEntry, { type: Type }>;
