import { z } from "zod";
import { type Kind, kinds } from "../../domain/kinds.ts";
import { idInput, noControlCharacters, phonePattern, timeInput } from "../schemas/fields.ts";
import { amountInput, currencyPattern } from "../transactions/registration-input.ts";

const referenceCharsMax = 200;
const textCharsMax = 500;
const optionsMax = 50;

const line = (charsMax: number) =>
  z.string().trim().min(1).max(charsMax).regex(noControlCharacters, "must not have control characters");

/** What every start takes beside the ids of its route. */
const shared = {
  amount: amountInput.nullish().meta({ description: "Decimal text", examples: ["50.00"] }),
  currency: z
    .string()
    .meta({ pattern: currencyPattern })
    .nullish()
    .meta({ description: "ISO 4217; the provider's own where it has one", examples: ["KES"] }),
  description: line(textCharsMax).nullish().meta({ description: "The remarks, or a message's text" }),
  metadata: z.record(z.string().min(1).max(100), z.unknown()).nullish().meta({ description: "Any JSON of yours" }),
  expires_at: timeInput.nullish(),
  options: z
    .record(z.string().min(1).max(100), z.unknown())
    .refine(options => Object.keys(options).length <= optionsMax, `must have at most ${optionsMax} names`)
    .nullish()
    .meta({ description: "The provider's own fields, in snake_case: `GET /v1/providers` lists them" }),
  again: z
    .boolean()
    .nullish()
    .meta({ description: "Whether to start it although one of the same kind and reference is unfinished" }),
};

/** The body of a start call for these kinds. */
export function startInput(routeKinds: readonly [Kind, ...Kind[]]) {
  return z.strictObject({
    connection_id: idInput("connection"),
    kind: z
      .enum(routeKinds)
      .nullish()
      .meta({ description: "May be left out where the connection's provider starts one of these only" }),
    phone: z
      .string()
      .meta({ pattern: phonePattern })
      .nullish()
      .meta({ description: "The wallet that pays or is paid", examples: ["+254700000001"] }),
    account: line(referenceCharsMax)
      .nullish()
      .meta({ description: "The other side's bank, bill or paybill account, UPI recipient or e-mail address" }),
    reference: line(referenceCharsMax).meta({ description: "Your own", examples: ["ORDER-1"] }),
    ...shared,
  });
}

/** The body of a reversal. */
export const reversalInput = z.strictObject({
  transaction_id: idInput("transaction").meta({ description: "The completed payment to give back" }),
  connection_id: idInput("connection").nullish().meta({ description: "That of the transaction" }),
  kind: z.enum(["reversal"]).nullish(),
  reference: line(referenceCharsMax)
    .nullish()
    .meta({ description: "Your own; the transaction's id where left out", examples: ["RETURN-1"] }),
  ...shared,
});

export type StartInput = z.output<ReturnType<typeof startInput>>;
export type ReversalInput = z.output<typeof reversalInput>;

export function needsAmount(kind: Kind): boolean {
  return kinds[kind].family !== "message";
}
