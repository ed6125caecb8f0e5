import { z } from "zod";
import { type StatementRow, statementStates, verdicts } from "../../books/statements/statement-row.ts";
import { publicId } from "../../domain/ids.ts";
import { formatSigned } from "../../domain/money.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";

const amount = (example: string) =>
  z
    .string()
    .nullable()
    .meta({ examples: [example] });

export const statementSchema = z
  .object({
    id: idOutput("statement"),
    merchant_id: idOutput("merchant"),
    connection_id: idOutput("connection"),
    state: z.enum(statementStates).meta({ examples: ["imported"] }),
    problems: z.array(z.string()).meta({
      description: "Why it failed, or what is wrong with the whole of it",
      examples: [[]],
    }),
    period: z
      .object({ from: timeOutput.nullable(), to: timeOutput.nullable() })
      .meta({ description: "As the statement says, else from its first line to its last" }),
    currency: z
      .string()
      .nullable()
      .meta({ examples: ["KES"] }),
    opening_balance: amount("1000.00"),
    closing_balance: amount("1150.00"),
    paid_in: amount("250.00"),
    withdrawn: amount("100.00").meta({ description: "Positive; charges and sweeps included" }),
    adds_up: z
      .boolean()
      .nullable()
      .meta({ description: "Opening balance, paid in and withdrawn make the closing balance; null without balances" }),
    counts: z.partialRecord(z.enum(verdicts), z.int()).meta({
      description: "Lines by verdict; those without a line are left out",
      examples: [{ matched: 120, new: 1 }],
    }),
    bytes: z.int().meta({ examples: [48213] }),
    lines_done: z.int().meta({ description: "How far the import has come", examples: [121] }),
    created_at: timeOutput,
    finished_at: timeOutput.nullable(),
  })
  .meta({ id: "Statement", description: "A provider's statement that was compared with what is known here." });

/** A statement as the API shows it. */
export function statementJson(row: StatementRow): z.output<typeof statementSchema> {
  const money = (minor: bigint | null) =>
    minor === null || row.currency === null ? null : formatSigned(minor, row.currency);
  return {
    id: publicId("statement", row.id),
    merchant_id: publicId("merchant", row.merchantId),
    connection_id: publicId("connection", row.connectionId),
    state: row.state,
    problems: row.problems,
    period: { from: row.periodFrom?.toISOString() ?? null, to: row.periodTo?.toISOString() ?? null },
    currency: row.currency,
    opening_balance: money(row.openingBalance),
    closing_balance: money(row.closingBalance),
    paid_in: money(row.paidIn),
    withdrawn: money(row.withdrawn),
    adds_up: row.addsUp,
    counts: row.counts,
    bytes: row.bytes,
    lines_done: row.settledRows,
    created_at: row.createdAt.toISOString(),
    finished_at: row.finishedAt?.toISOString() ?? null,
  };
}
