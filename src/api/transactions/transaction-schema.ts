import { z } from "zod";
import { sources } from "../../domain/evidence.ts";
import { environments, kindNames, reviewReasons, statuses } from "../../domain/kinds.ts";
import { startStates } from "../../domain/transaction.ts";
import { refNamesOf } from "../../providers/names.ts";
import { providers } from "../../providers/registry.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";

const refs = z
  .object(Object.fromEntries(refNamesOf(providers.values()).map(name => [name, z.string().optional()])))
  .meta({
    id: "ProviderRefs",
    description: "The provider's ids, as far as they are known",
    examples: [{ checkout_request_id: "ws_CO_181020252330001700000001", receipt: "TJIKQ7V33N" }],
  });

const money = z.object({ amount: z.string(), currency: z.string() });

const startShape = z.object({
  state: z.enum(startStates).meta({
    description: "Whether the provider took the order. `unknown`: no answer came; it is never sent again.",
  }),
  at: timeOutput,
  attempts: z.int().meta({ description: "Calls that may have reached the provider" }),
  provider_message: z.string().nullable().meta({ description: "The provider's own code and words" }),
  redirect_url: z.string().optional().meta({ description: "Where the payer goes on, at a hosted checkout" }),
});

/** The JSON of `transactionJson` (domain). */
export const transactionShape = {
  id: idOutput("transaction"),
  merchant_id: idOutput("merchant"),
  connection_id: idOutput("connection"),
  provider: z.string().meta({ examples: ["daraja"] }),
  environment: z.enum(environments).meta({ description: "The connection's: sandbox money is not real" }),
  kind: z.enum(kindNames),
  direction: z.enum(["in", "out"]).meta({ description: "Whether the merchant receives (`in`) or pays (`out`)" }),
  status: z.enum(statuses).meta({
    description:
      "`completed`, `failed`, `expired`, `refunded` are final. `unresolved`: polling ended, a person should look.",
    examples: ["completed"],
  }),
  status_source: z
    .enum(sources)
    .meta({ description: "The source of the evidence that gave the status", examples: ["callback"] }),
  registered: z.boolean().meta({ description: "Whether the merchant registered the transaction" }),
  version: z.int().meta({ description: "Grows by 1 with each change", examples: [2] }),
  reference: z
    .string()
    .nullable()
    .meta({ description: "The merchant's own reference", examples: ["ORDER-1"] }),
  provider_refs: refs,
  amount: z
    .string()
    .nullable()
    .meta({ examples: ["50.00"] }),
  refunded_amount: z
    .string()
    .nullable()
    .meta({ description: "What was given back so far", examples: ["0.00"] }),
  currency: z
    .string()
    .nullable()
    .meta({ examples: ["KES"] }),
  phone: z
    .string()
    .nullable()
    .meta({ examples: ["+254700000001"] }),
  phone_masked: z
    .string()
    .nullable()
    .meta({ description: "A masked number as the provider showed it", examples: [null] }),
  party_name: z
    .string()
    .nullable()
    .meta({ description: "The name of the payer or payee, where the provider reports it", examples: [null] }),
  result: z
    .object({ code: z.string(), description: z.string() })
    .nullable()
    .meta({
      description: "The provider's own code and description",
      examples: [{ code: "0", description: "The service request is processed successfully." }],
    }),
  review: z
    .object({
      reason: z.enum(reviewReasons),
      since: timeOutput,
      detail: z.string(),
      expected: money.nullable().meta({ description: "The registered amount, where amounts differ" }),
      told: money.nullable().meta({ description: "The amount that the provider told, where amounts differ" }),
      related: z.array(idOutput("transaction")).meta({ description: "Other transactions concerned" }),
    })
    .nullable()
    .meta({ description: "Why a person should look at the transaction", examples: [null] }),
  start: startShape.nullable().meta({ description: "How it was started, where Hakika started it", examples: [null] }),
  details: z
    .record(z.string(), z.string())
    .meta({ description: "Further facts as text: tokens, units, reasons", examples: [{}] }),
  occurred_at: timeOutput.nullable().meta({ description: "When the payment happened, by the provider's clock" }),
  created_at: timeOutput,
  updated_at: timeOutput,
  metadata: z.record(z.string(), z.unknown()).meta({ description: "As registered", examples: [{ basket: "17" }] }),
};

export const transactionSchema = z.object(transactionShape).meta({ id: "Transaction" });
