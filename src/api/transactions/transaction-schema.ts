import { z } from "zod";
import { sources } from "../../domain/evidence.ts";
import { kindNames, refNames, reviewReasons, statuses } from "../../domain/kinds.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";

const refs = z
  .object(Object.fromEntries(refNames.map(name => [name, z.string().optional()])))
  .meta({ id: "ProviderRefs", description: "The provider's ids" });

/** What transactionJson (domain) makes, field by field. */
export const transactionShape = {
  id: idOutput("transaction"),
  merchant_id: idOutput("merchant"),
  connection_id: idOutput("connection"),
  provider: z.string().meta({ examples: ["daraja"] }),
  kind: z.enum(kindNames),
  direction: z.enum(["in", "out"]),
  status: z.enum(statuses),
  status_source: z.enum(sources),
  registered: z.boolean(),
  version: z.int(),
  reference: z
    .string()
    .nullable()
    .meta({ examples: ["ORDER-1"] }),
  provider_refs: refs,
  amount: z
    .string()
    .nullable()
    .meta({ examples: ["50.00"] }),
  currency: z
    .string()
    .nullable()
    .meta({ examples: ["KES"] }),
  phone: z
    .string()
    .nullable()
    .meta({ examples: ["+254700000001"] }),
  party_name: z.string().nullable(),
  result: z.object({ code: z.string(), description: z.string() }).nullable(),
  review: z
    .object({ reason: z.enum(reviewReasons), since: timeOutput, detail: z.string() })
    .nullable()
    .meta({ description: "What an operator should look at" }),
  details: z.record(z.string(), z.string()),
  occurred_at: timeOutput.nullable(),
  created_at: timeOutput,
  updated_at: timeOutput,
  metadata: z.record(z.string(), z.unknown()),
};

export const transactionSchema = z.object(transactionShape).meta({ id: "Transaction" });
