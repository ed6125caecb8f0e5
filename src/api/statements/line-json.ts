import { z } from "zod";
import { verdicts } from "../../books/statements/statement-row.ts";
import { publicId } from "../../domain/ids.ts";
import { formatSigned } from "../../domain/money.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import type { LineRow } from "./store.ts";

const text = (example: string) =>
  z
    .string()
    .nullable()
    .meta({ examples: [example] });

export const lineSchema = z
  .object({
    line: z
      .int()
      .nullable()
      .meta({ description: "The line of the file; null for what is missing on it", examples: [8] }),
    verdict: z.enum(verdicts).meta({ examples: ["new"] }),
    receipt: text("TJIKQ7V33N"),
    completed_at: timeOutput.nullable(),
    amount: text("50.00").meta({ description: "Negative where money went out" }),
    currency: text("KES"),
    transaction_id: idOutput("transaction").nullable().meta({
      description: "On a reversal's line the payment that it gave back",
    }),
    problem: text("here 50.00, on the statement 55.00"),
  })
  .meta({ id: "StatementLine", description: "A line of a statement with its verdict, of the moment of import." });

export type LineJson = z.output<typeof lineSchema>;

/** A line as the API shows it. */
export function lineJson(row: LineRow): LineJson {
  return {
    line: row.line,
    verdict: row.verdict as LineJson["verdict"],
    receipt: row.receipt,
    completed_at: row.completedAt?.toISOString() ?? null,
    amount: row.amount === null || row.currency === null ? null : formatSigned(row.amount, row.currency),
    currency: row.currency,
    transaction_id: row.transactionId === null ? null : publicId("transaction", row.transactionId),
    problem: row.problem,
  };
}
